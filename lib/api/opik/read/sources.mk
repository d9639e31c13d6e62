# Files of lib/api/opik/read/.
libflatspan_a_SOURCES += \
	lib/api/opik/read/metrics.c \
	lib/api/opik/read/notes.c \
	lib/api/opik/read/project_stats.c lib/api/opik/read/project_stats.h \
	lib/api/opik/read/projects.c \
	lib/api/opik/read/rows.c \
	lib/api/opik/read/scores.c lib/api/opik/read/scores.h \
	lib/api/opik/read/stats.c lib/api/opik/read/stats.h \
	lib/api/opik/read/sums.c lib/api/opik/read/sums.h \
	lib/api/opik/read/thread_lists.c \
	lib/api/opik/read/thread_state.c \
	lib/api/opik/read/threads.c lib/api/opik/read/threads.h
