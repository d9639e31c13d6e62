# Files of bin/transfer/.
bin_libverbs_a_SOURCES += \
	bin/transfer/demo.c \
	bin/transfer/export.c bin/transfer/export.h \
	bin/transfer/hive.c \
	bin/transfer/import.c \
	bin/transfer/input.c bin/transfer/input.h \
	bin/transfer/intake.c bin/transfer/intake.h \
	bin/transfer/known.c bin/transfer/known.h \
	bin/transfer/newest.c bin/transfer/newest.h \
	bin/transfer/pack.c bin/transfer/pack.h \
	bin/transfer/sample.c bin/transfer/sample.h \
	bin/transfer/send_test.c
