/**
 * The scripts that `daruma completion` prints. Each script passes the words typed so far to `daruma complete`, which answers with
 * one line for each value (value, tab, meaning) and a last line `:N` that is not a value. The scripts never evaluate typed text,
 * and bash needs no additional package.
 */
export const shells = ['bash', 'zsh', 'fish'] as const;

// bash splits words at the colon of `exit:1` (COMP_WORDBREAKS), so the script splits the line itself. readline then replaces
// only the part after the last colon. For bash 4 and newer.
const bash = String.raw`# bash completion for daruma
_daruma() {
    local -a words
    local value current head
    read -ra words <<< "${'$'}{COMP_LINE:0:COMP_POINT}"
    [[ "${'$'}{COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=('')
    current="${'$'}{words[${'$'}{#words[@]}-1]}"
    head="${'$'}{current%"${'$'}{current##*[:=]}"}"
    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        [[ "$value" =~ ^:[0-9]+$ || "$value" != "$current"* ]] && continue
        COMPREPLY+=("${'$'}{value#"$head"}")
    done < <(daruma complete -- "${'$'}{words[@]:1}" 2>/dev/null)
    if [[ ${'$'}{#COMPREPLY[@]} -eq 1 && "${'$'}{COMPREPLY[0]}" == *[:/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -F _daruma daruma
`;

const zsh = String.raw`#compdef daruma
_daruma() {
    local -a whole open
    local value meaning
    while IFS=$'\t' read -r value meaning; do
        case "$value" in
            :<->) ;;
            *[:/]) open+=("${'$'}{value//:/\\:}:$meaning") ;;
            ?*) whole+=("${'$'}{value//:/\\:}:$meaning") ;;
        esac
    done < <(daruma complete -- "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)
    _describe -t values daruma whole -- open -S ''
}
if [[ "$funcstack[1]" == _daruma ]]; then
    _daruma "$@"
else
    compdef _daruma daruma
fi
`;

const fish = String.raw`# fish completion for daruma
function __daruma_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    daruma complete -- $typed[2..-1] "$current" 2>/dev/null | string match -rv '^:\d+$'
end
complete -c daruma -f -a '(__daruma_complete)'
`;

export const completionScripts: Readonly<Record<(typeof shells)[number], string>> = { bash, zsh, fish };
