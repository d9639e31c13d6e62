# Files of lib/api/.
