# Files of lib/query/rows/.
libflatspan_a_SOURCES += \
	lib/query/rows/bits.c lib/query/rows/bits.h \
	lib/query/rows/block.c lib/query/rows/block.h \
	lib/query/rows/block_made.c lib/query/rows/block_made.h \
	lib/query/rows/column.c lib/query/rows/column.h \
	lib/query/rows/scan.c lib/query/rows/scan.h \
	lib/query/rows/source.c
