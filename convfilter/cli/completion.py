"""``convfilter completion``: the script that makes a shell complete commands and names."""

import click
from click.shell_completion import FishComplete, PowerShellComplete, ShellComplete, ZshComplete

from convfilter.cli.options import debug_option

PROGRAM = "convfilter"
VARIABLE = "_CONVFILTER_COMPLETE"


class BashComplete(ShellComplete):
    """Bash, which takes ``:`` and ``=`` for the ends of words unless it is told otherwise.

    The words of the line are split here, at blanks outside of quotes, so that
    ``motion:length=5,a`` is one; of what is offered, the part that Bash holds to be earlier
    words is taken off again.
    """

    name = "bash"
    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' line="${COMP_LINE:0:COMP_POINT}" type value before="" answer words
    local plain=${line//'\\ '/_} open='^(.*)["'"'"'](.*)$'
    local quoted='^(.*)("[^"]*"|'"'[^']*'"')(.*)$'
    while [[ $plain =~ $quoted ]]; do plain=${BASH_REMATCH[1]}_${BASH_REMATCH[3]}; done
    [[ $plain =~ $open ]] && plain=${BASH_REMATCH[1]}_${BASH_REMATCH[2]//[[:space:]]/_}
    IFS=$' \\t' read -ra words <<< "$plain"
    local count=${#words[@]} last=""
    if [[ $plain == *[[:space:]] ]]; then
        count=$((count + 1))
    else
        last=${words[count - 1]}
    fi
    if [[ $COMP_WORDBREAKS == *:* && $last == *[:=]* ]]; then
        before=${last%%"${last##*[:=]}"}
    fi
    COMPREPLY=()
    answer=$(env COMP_WORDS="$line" COMP_CWORD=$((count - 1)) %(complete_var)s=bash_complete "$1")
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                [[ $value == *[:=] ]] && compopt -o nospace
                COMPREPLY+=("${value#"$before"}")
                ;;
        esac
    done <<< "$answer"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
    "powershell": PowerShellComplete,
}
"""What makes the script of each shell."""


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
@debug_option
def completion_command(*, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and kernels.

    \b
    convfilter completion bash >> ~/.bashrc
    convfilter completion zsh >> ~/.zshrc
    convfilter completion fish > ~/.config/fish/completions/convfilter.fish
    convfilter completion powershell >> $PROFILE

    Begin a new shell afterwards. In zsh, compinit has to run before.
    """
    from convfilter.cli.main import cli

    click.echo(SHELLS[shell](cli, {}, PROGRAM, VARIABLE).source())
