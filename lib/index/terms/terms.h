/*
 * The words of stored text, and in which blocks of a shard they stand: what finds the few places of
 * a shard that a text can be in without reading the shard.
 *
 * A word file covers the lines that begin in [from, to) of a shard: DAY.idx/<part>-<from>-<to>.voc.
 * It belongs to no segment and nothing needs it: where there is none, or it is damaged, lines are
 * searched.  It knows the fields of words_fields() only.  A block is the lines that begin in one
 * of the equal parts of the shard that words_block_bits() gives the size of.
 *
 * A word is a run of ASCII letters and digits, in lower case, or one character beyond ASCII; every
 * escape of JSON and everything else separates words (word_next).  That is not what a search takes
 * for a word, it is only how both sides cut.
 *
 * doc/index-format.md has the bytes.
 */
#ifndef FLATSPAN_INDEX_TERMS_TERMS_H
#define FLATSPAN_INDEX_TERMS_TERMS_H

#include "base/buf.h"
#include "base/errors.h"
#include "shard/shard.h"

enum {
	WORD_MAX_BYTES = 255, /* longer ones are not kept; their blocks are, as WORDS_LONG */
	WORDS_FILES_MAX = 256 /* of a shard */
};

/* Entries that are no words: where words are that are too long; where words were left out, so that
 * anything may stand there; and where any word may stand beside a character beyond ASCII. Where one
 * does, it stands a second time with the prefix. */
#define WORDS_LONG STR("\1")
#define WORDS_ANY STR("\2")
#define WORDS_JOINED STR("\3")
enum { WORDS_JOINED_PREFIX = '#' };

/* In which fields of a row a word stands, as far as a word file tells them apart. */
enum words_in {
	WORDS_IN_TEXTS = 1, /* name, input, output or metadata */
	WORDS_IN_OTHERS = 2,
	WORDS_IN_INPUT = 4, /* and in WORDS_IN_TEXTS */
	WORDS_IN_OUTPUT = 8,
	WORDS_IN_ANY = WORDS_IN_TEXTS | WORDS_IN_OTHERS
};

/* ---- Cutting ---- */

enum word_class { WORD_NONE, WORD_LETTER, WORD_ESCAPE, WORD_HIGH };
extern const unsigned char word_class[256];

/* The next word at or behind *at, which is moved behind it; false: there is none. */
static inline bool word_next(struct str text, size_t *at, struct str *ret)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t i = *at, from;
	for (; i < text.len; i++) {
		unsigned char class = word_class[p[i]];
		if (class == WORD_LETTER) {
			for (from = i++; i < text.len && word_class[p[i]] == WORD_LETTER; i++)
				;
			*ret = str_of(text.ptr + from, i - from);
			*at = i;
			return true;
		}
		if (class == WORD_HIGH) {
			for (from = i++; i < text.len && i - from < 4 && (p[i] & 0xc0) == 0x80; i++)
				;
			*ret = str_of(text.ptr + from, i - from);
			*at = i;
			return true;
		}
		if (class == WORD_ESCAPE)
			i += i + 1 < text.len && p[i + 1] == 'u' ? 5 : 1;
	}
	return false;
}

static inline bool word_is_letters(struct str word)
{
	return word_class[(unsigned char)word.ptr[0]] == WORD_LETTER;
}

/* The fields whose texts are covered. */
struct field_set words_fields(void);

/* Where a word stands that stands in this field; 0: it is not covered. */
unsigned words_in_field(enum field f);

/* ---- Reading ---- */

struct words; /* an open word file */

/* The word files of a shard, ascending, without overlaps, those that do not fit left out. In
 * blocks of the view's arena; to be closed (index_words() does it). The shard's size is known. */
struct words_list {
	struct words *files[WORDS_FILES_MAX];
	size_t n;
};

void words_open(struct view *v, size_t shard, struct words_list *ret);
void words_close(struct words_list *l);

/* The same, once for a view: they are closed with its index. */
const struct words_list *index_words(struct index_set *set, size_t shard);

/* What was read of the file is forgotten, and what is read from now on is kept in blocks of that
 * arena; NULL: of the view's. One thread at a time may look into a file, and two into two if each
 * has an arena of its own. */
void words_read_into(struct words *w, struct arena *room);

int64_t words_from(const struct words *w);
int64_t words_to(const struct words *w);

/* Words that have these bytes in them; at their beginning, at their end. */
struct words_part {
	struct str text; /* folded, not empty */
	bool is_start, is_end;
};

/* The line at offset `at` is of block at >> words_block_bits. */
unsigned words_block_bits(const struct words *w);

static inline uint32_t words_first_block(const struct words *w)
{
	return (uint32_t)(words_from(w) >> words_block_bits(w));
}

static inline uint32_t words_n_blocks(const struct words *w)
{
	return (uint32_t)((words_to(w) - 1) >> words_block_bits(w)) - words_first_block(w) + 1;
}

/* The lines of the range that are well-formed spans, counted from 0. */
uint32_t words_n_rows(const struct words *w);

/* Which bytes stand in a text: a bit for each letter, in either case, and digit, and some more. */
uint64_t words_id_bytes_of(struct str text);
/* Of the span_ids of all rows. Most ids are hexadecimal digits, and most that is looked for in
 * them is not. */
uint64_t words_id_bytes(const struct words *w);

/* ret[i]: how many rows begin before block i; n_blocks + 1 numbers. ERR_UNSAFE: damaged. */
NODISCARD enum err words_block_rows(struct words *w, const uint32_t **ret);

/* Of which rows something is asked, as bits; in whole words of 64. */
struct words_rows {
	uint64_t *may;  /* such a word may stand there */
	uint64_t *sure; /* it does: in a field of sure_in. They need not be in `may`. */
};

/*
 * Sets the bits of the rows where such a word may stand in a field of may_in (enum words_in), and
 * where it surely stands in one of sure_in. ERR_UNSAFE: the file is damaged, and the bits mean
 * nothing.
 */
NODISCARD enum err words_find(struct words *w, const struct words_part *part, unsigned may_in,
	unsigned sure_in, const struct words_rows *ret);
/* In how many rows such a word stands in a field of `in`, without listing them; is_bounded: and
 * beside no character beyond ASCII, whole words only. False: more than one entry says so, or less.
 */
NODISCARD enum err words_count(struct words *w, const struct words_part *part, unsigned in,
	bool is_bounded, uint32_t *ret_n, bool *ret_known);
/* The rows where an entry is that is no word. */
NODISCARD enum err words_find_special(struct words *w, struct str which, uint64_t *ret_rows);

/* Where this word may stand beside a character beyond ASCII. */
NODISCARD enum err words_find_joined(struct words *w, struct str word, uint64_t *ret_rows);

/* Is everything in the file as it should be? ERR_UNSAFE: no, and the reason is a sentence. */
NODISCARD enum err words_check(struct words *w, const char **ret_reason);

/* ---- Making ---- */

/*
 * Makes the word files of a day that are missing, and one of many.  One process at a time does it
 * for a day (DAY.idx/words.lock).
 */
struct words_making {
	bool all;          /* also what is short, and merges however large */
	int wait_ms;       /* for another process that is at it */
	int64_t max_bytes; /* of text to read; 0: no limit */
};

/* ERR_BUSY: another process is at it. */
NODISCARD enum err words_make(const struct store *s, struct str workspace, int32_t day,
	const struct words_making *how, int64_t *ret_bytes);

/* All of one shard, which need not have a name yet. The index directory is open. */
NODISCARD enum err words_make_shard(struct view *v, size_t shard, int idx_fd, int wait_ms);

/* A little of it, when some is missing and when it would not take more than one of `share` parts of
 * this process's time. */
void words_tidy(const struct store *s, struct str workspace, int32_t day, int share);
/* Makes one file, as there is time. False: nothing is missing, or another process is at it. */
bool words_catch_up(const struct store *s, struct str workspace, int32_t day);

#endif
