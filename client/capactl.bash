# bash completion for capactl: the words come from its own command table.
_capactl()
{
        local words=("${COMP_WORDS[@]:1:COMP_CWORD}")

        mapfile -t COMPREPLY < <(compgen -W "$(capactl --complete "${words[@]}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _capactl capactl
