/*
 * Runs a fuzz entry over files: those given, all files of directories given, or without arguments
 * the corpus it was built for (FUZZ_CORPUS, below the source directory).  For machines without
 * libFuzzer, and for `make check`.
 */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static unsigned replayed;

static void replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	/* Exactly as many bytes as the file has, so that a sanitizer sees a read past them. */
	uint8_t *data = malloc(size ? size : 1);
	if (!f || !data || fread(data, 1, size, f) != size) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(EXIT_FAILURE);
	}
	fclose(f);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
}

/* A directory is replayed without its own directories. */
static void replay(const char *path, unsigned depth)
{
	struct stat st;
	if (stat(path, &st)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	if (S_ISREG(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return;
	}
	DIR *dir = depth == 0 ? opendir(path) : NULL;
	for (struct dirent *d; dir && (d = readdir(dir));) {
		char inside[PATH_MAX];
		int n = snprintf(inside, sizeof inside, "%s/%s", path, d->d_name);
		if (d->d_name[0] != '.' && n > 0 && (size_t)n < sizeof inside)
			replay(inside, depth + 1);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay(argv[i], 0);
	if (argc < 2)
		replay(FLATSPAN_SOURCE_DIR "/" FUZZ_CORPUS, 0);
	fprintf(stderr, "%u files replayed\n", replayed);
	return replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
