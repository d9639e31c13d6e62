# Files of bin/convert/.
bin_libverbs_a_SOURCES += \
	bin/convert/chat.c \
	bin/convert/claude.c \
	bin/convert/codex.c \
	bin/convert/convert.c bin/convert/convert.h \
	bin/convert/export.c \
	bin/convert/opik.c \
	bin/convert/turn.c bin/convert/turn.h
