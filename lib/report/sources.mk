# Files of lib/report/.
libflatspan_a_SOURCES += \
	lib/report/columns.c lib/report/columns.h \
	lib/report/filter.c lib/report/filter.h \
	lib/report/fit.c lib/report/fit.h \
	lib/report/markdown.c lib/report/markdown.h \
	lib/report/otlp.c lib/report/otlp.h \
	lib/report/printable.c lib/report/printable.h \
	lib/report/report.c lib/report/report.h \
	lib/report/row.c lib/report/row.h \
	lib/report/stats.c lib/report/stats.h \
	lib/report/table.c lib/report/table.h \
	lib/report/tree.c lib/report/tree.h \
	lib/report/value.c lib/report/value.h \
	lib/report/waterfall.c lib/report/waterfall.h
