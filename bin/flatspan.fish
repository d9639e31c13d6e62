# Completion of flatspan for fish. Verbs and options are asked of the program itself.

function __flatspan_verb
	set -l is_value 0
	for word in (commandline -opc)[2..-1]
		if test $is_value = 1
			set is_value 0
			continue
		end
		switch $word
		case -C -w --conf --root --workspace
			set is_value 1
		case '-*'
		case '*'
			echo $word
			return
		end
	end
end

function __flatspan_complete
	set -l verb (__flatspan_verb)
	if string match -q -- '-*' (commandline -ct)
		flatspan help $verb 2>/dev/null |
			string replace -rf '^ +(?:-., )?(--[a-z-]+)(?: [A-Z]+)? +(.*)$' '$1\t$2'
	else if test -z "$verb"; or test "$verb" = help
		flatspan help 2>/dev/null | string replace -rf '^  ([a-z][a-z-]*) +(.*)$' '$1\t$2'
	else
		flatspan help $verb 2>/dev/null | head -n 1 | string replace -r '^Usage: \S+ \S+' '' |
			string match -ra '[a-z-]+'
	end
end

complete -c flatspan -a '(__flatspan_complete)'
