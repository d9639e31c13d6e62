# Files of bin/.
