# Files of lib/query/.
