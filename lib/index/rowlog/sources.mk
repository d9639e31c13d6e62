# Files of lib/index/rowlog/.
libflatspan_a_SOURCES += \
	lib/index/rowlog/append.c lib/index/rowlog/append.h \
	lib/index/rowlog/restart.c lib/index/rowlog/restart.h \
	lib/index/rowlog/row.c lib/index/rowlog/row.h \
	lib/index/rowlog/rowlog.c lib/index/rowlog/rowlog.h
