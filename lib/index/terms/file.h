/*
 * Inside word files (words.h): their bytes, reading them front to back, writing and merging them.
 * For lib/store only.
 *
 *	+----------+----------+ - +-------+-------+ - +-----------------+ - +------+ - - -
 *	| postings | postings |   | words | words |   | words, postings |   | rows |
 *	+----------+----------+ - +-------+-------+ - +-----------------+ - +------+ - - -
 *	|<------- plain pages, whose words ------>|   |<-- page of hexadecimal digits
 *	|              stand together             |
 *
 *	 - - - +-------+------------+--------+
 *	       | sizes | page table | header |
 *	 - - - +-------+------------+--------+
 *	               |<-- head_bytes ----->|
 *
 * rows: of each block how many rows begin in it, as numbers (words_postings.h); sizes: how many
 * words each row has, about (row_sizes.h).
 *
 * Byte order and layout are the machine's.
 */
#ifndef FLATSPAN_INDEX_TERMS_FILE_H
#define FLATSPAN_INDEX_TERMS_FILE_H

#include "index/terms/pack.h"
#include "index/terms/postings.h"
#include "index/terms/terms.h"

#define WORDS_MAGIC UINT64_C(0x3173646f77736c66) /* "flswods1" */

enum {
	WORDS_PAGE_BYTES = 32 << 10,      /* of words, about */
	WORDS_POSTINGS_BYTES = 128 << 10, /* a page ends when it has as many */
	WORDS_PAGES_MAX = 1 << 20,
	WORDS_KEY_BYTES = 8,
	WORDS_NAME_MAX = 80,
	WORDS_BITS_MIN = 6,
	WORDS_BITS_MAX = 30
};

/* Everything about it is to be known, and files have all of it: earlier ones are made anew. */
enum words_incompat {
	WORDS_HAS_ROWS = 1,
	WORDS_IS_SHORT = 2,   /* words are packed */
	WORDS_SAYS_WHICH = 4, /* which words letters of other scripts stand beside */
	WORDS_HAS_SIZES = 8,  /* and digits are packed as such */
	WORDS_INCOMPAT_ALL = 15,
	/* The words of all plain pages stand together, behind their postings. In files without it
	 * those of each page stand before its own. */
	WORDS_TOGETHER = 16
};

struct words_header {
	uint64_t magic;
	uint64_t checksum; /* of the page table, then the header behind this number */
	uint32_t head_bytes, n_pages;
	uint64_t file_bytes;
	int32_t day, part;
	int64_t from, to;
	/* Of the first and of the last INDEX_PRINT_BYTES of the range. */
	uint64_t first_print, last_print;
	uint64_t n_words, text_bytes;
	/* n_plain_pages: with words that have a byte which is no hexadecimal digit. They come
	 * first: most words of a text are ids and numbers, most that are looked for are not. */
	uint32_t incompat, n_plain_pages, block_bits, n_rows;
	uint64_t rows_checksum;
	uint32_t rows_bytes, reserved;
	uint64_t id_bytes; /* words_id_bytes_of all span_ids */
	uint64_t sizes_checksum;
};
_Static_assert(sizeof(struct words_header) == 136, "the header is what the document says");

/* Where parts begin, of a header that was looked at. */
static inline uint64_t words_sizes_at(const struct words_header *h)
{
	return h->file_bytes - h->head_bytes - row_sizes_bytes(h->n_rows);
}

static inline uint64_t words_rows_at(const struct words_header *h)
{
	return words_sizes_at(h) - h->rows_bytes;
}

struct words_page {
	uint64_t at; /* of its words, the postings follow; of its postings, when words are together
		      */
	uint32_t words_bytes, postings_bytes, n_words;
	uint32_t plain_bytes;      /* of the words, which are packed when words_bytes is less */
	char key[WORDS_KEY_BYTES]; /* how its first word begins, zeros behind */
	uint64_t words_checksum, postings_checksum;
};
_Static_assert(sizeof(struct words_page) == 48, "the page table is what the document says");

/* What a file must be to be that of a name. */
struct words_want {
	int32_t day;
	int part;
	int64_t from, to;
};

/* The order of words in a file: plain ones, then those of hexadecimal digits alone; by bytes. */
bool words_is_hex(struct str word);

static inline int words_compare(bool x_is_hex, struct str x, bool y_is_hex, struct str y)
{
	return x_is_hex != y_is_hex ? (int)x_is_hex - (int)y_is_hex : str_cmp(x, y);
}

/* The first bytes of a word, as a number of the same order. */
static inline uint64_t words_key(struct str word)
{
	uint64_t v = 0;
	memcpy(&v, word.ptr, word.len < sizeof v ? word.len : sizeof v);
	return __builtin_bswap64(v);
}

void words_name(const struct words_want *want, char ret[static WORDS_NAME_MAX]);
bool words_parse_name(struct str name, struct words_want *ret);

struct words {
	struct arena *arena, *room; /* of itself; of what is read of it */
	int fd;
	struct words_header header;
	struct words_page *pages;
	/* Of the first pages, so many, the words stand together: there; and where each page's do,
	 * counted from the first. */
	uint32_t n_together;
	uint64_t together_at, *together;
	char *stored, *words, *postings; /* of a page */
	uint32_t largest_stored, largest_words, largest_postings;
	/* What was read last, so that asking for the same word again reads nothing: in `stored` the
	 * words of [together_from, together_end), in `postings` those of one page. */
	uint32_t together_from, together_end, postings_page;
	uint32_t absent; /* 1 << n: there is no entry \n, as was found out */
	struct words_packer packer;
	uint32_t *block_rows; /* NULL: not read yet, as the next */
	struct row_sizes *sizes;
	struct buf scratch;
};

/* In blocks of the arena, whatever is rewound. NULL: it is not there, or not what it should be. */
struct words *words_open_file(
	struct arena *a, int idx_fd, const char *name, const struct words_want *want);
void words_close_file(struct words *w);

/* Reads and checks what a page has; ERR_UNSAFE. */
NODISCARD enum err words_load(struct words *w, uint32_t page, struct str *ret_words);
/* page < n_together: its words, and those of the pages behind it that were read with them, up to
 * *end at most, which is set. Each begins and ends as its own does. */
NODISCARD enum err words_load_together(
	struct words *w, uint32_t page, uint32_t *end, struct str *ret_words);
NODISCARD enum err words_load_postings(struct words *w, uint32_t page, struct str *ret);

/* Reads and checks the sizes, once: postings_need_sizes. */
NODISCARD enum err words_load_sizes(struct words *w);

static inline struct postings_of words_of(const struct words *w)
{
	return (struct postings_of){ words_n_blocks(w), words_n_rows(w), w->sizes };
}

/* ---- Front to back ---- */

struct words_cursor {
	struct words *words;
	uint32_t page; /* the next one */
	struct str left, postings;
	struct str word; /* the current one; empty: at the end */
	uint64_t key;    /* of it, words_key() */
	bool is_hex, knows_fields;
	struct buf blocks, places; /* uint32_t */
};

void words_cursor_init(struct words_cursor *c, struct words *w);
NODISCARD enum err words_cursor_next(struct words_cursor *c);
void words_cursor_release(struct words_cursor *c);

/* ---- Writing ---- */

struct words_writer {
	struct arena *arena;
	enum err error;
	int idx_fd, fd;
	uint64_t written, n_words;
	char key[WORDS_KEY_BYTES];
	uint32_t n_in_page, n_plain_pages;
	bool is_hex; /* the page's words */
	struct buf words, postings, pages, packed, together;
	struct words_packer packer;
};

/* The first error stays and the last step tells it. The same calls make the same bytes. */
void words_writer_open(struct words_writer *w, struct arena *a, int idx_fd);
/* Words ascend; blocks are counted from that of `from`. */
void words_writer_add(struct words_writer *w, struct str word, bool is_hex, struct str postings);
/* Writes what was added once more, each word's postings as `change` appends them, which says false
 * when they are damaged: the words and their pages stay what they are. */
NODISCARD enum err words_writer_again(struct words_writer *w, const struct postings_of *of,
	bool (*change)(void *user, struct str one, struct buf *out), void *user);
/* What was added takes so many bytes of the file, or a little less. */
uint64_t words_writer_bytes(const struct words_writer *w);
/* Completes the header and renames the file to its name. block_rows: n_blocks + 1 numbers, as of
 * words_block_rows. */
NODISCARD enum err words_writer_publish(struct words_writer *w, struct words_header *header,
	const uint32_t *block_rows, const struct row_sizes *sizes);
void words_writer_drop(struct words_writer *w);
uint64_t words_head_checksum(struct str pages, const struct words_header *h);

/* The name of what is not finished: one, as the lock is held by its writer. */
#define WORDS_TEMP_NAME ".words.new"

/* ---- Making ---- */

/* How long a file should be at most, of its texts, in thousandths. Parts have in common many of
 * their words, so that merging makes them shorter. */
enum { WORDS_SHARE = 59, WORDS_SHARE_OF_PART = 90, WORDS_SHARE_WHOLE = 1000 };

static inline uint64_t words_most_bytes(const struct store *s, uint64_t text_bytes, unsigned share)
{
	return text_bytes / WORDS_SHARE_WHOLE * share + (uint64_t)s->words_free_bytes;
}

/* Lines from `from` on, for at most so many bytes. */
struct words_piece {
	int64_t from, bytes;
	unsigned share;
};

NODISCARD enum err words_build(struct view *v, size_t shard, const struct words_piece *piece,
	struct arena *a, int idx_fd, int64_t *ret_to);
/* What becomes of the files: the prints are those of the whole range, and it takes about as many
 * bytes at most. */
struct words_merged {
	uint64_t first_print, last_print, most_bytes;
};

/* One of neighbours, ascending; they stay. */
NODISCARD enum err words_merge(struct words *const *files, size_t n, const struct words_merged *to,
	struct arena *a, int idx_fd);

#endif
