# Completion of lastseat for bash. It needs no other package: source <(lastseat completion bash)

# The words of the line, with what bash took apart at = and : put together again.
__lastseat_words()
{
    local i word end=0 line=${COMP_LINE:0:COMP_POINT}
    words=() cword=-1
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((cword >= 0)) && [[ -n $word ]] && [[ "${line:end}" != [[:space:]]* ]] &&
            { [[ $word == [=:]* ]] || [[ ${words[cword]} == *[=:] ]]; }; then
            words[cword]+=$word
        else
            words[++cword]=$word
        fi
        while [[ "${line:end}" == [[:space:]]* && "${line:end}" != "$word"* ]]; do ((++end)); done
        ((end += ${#word}))
    done
    cur=${words[cword]}
    prev=""
    ((cword > 0)) && prev=${words[cword - 1]}
    return 0
}

# Files with one of the extensions @(a|b), folders (-d), or all.
__lastseat_files()
{
    local name
    COMPREPLY=()
    while IFS= read -r name; do
        if [[ -d $name ]]; then
            COMPREPLY+=("$name/")
        elif [[ $1 != -d && ( -z $1 || $name == *.${1#@} || " ${1//[@()|]/ } " == *" ${name##*.} "* ) ]]; then
            COMPREPLY+=("$name")
        fi
    done < <(compgen -f -- "$cur")
}

