# Files of lib/span/.
