/*
 * Full-text search as InnoDB does it: what AGAINST asks for, and how much a row is about it.
 *
 * A word is letters, digits and '_'. Words of less than three or more than 84 characters and a few that are everywhere
 * (stopwords) are not searched for. Words are equal as the collation of the columns says.
 *
 * The rank of a row is the sum over the words of the search of
 *
 *   occurrences in the row * log10(rows / rows with the word)^2
 *
 * which takes two readings of the table: one that counts the rows with each word, one that ranks.
 *
 * Natural language: any of the words. Boolean mode, from MySQL's manual:
 *
 *   +a  must be there        -a  must not        a   need not, and raises the rank      a*  words that begin so
 *   >a  raises the rank by 1, <a and ~a lower it  "a b" the words next to one another   "a b" @8 within eight words
 *   (..) a search in the search
 *
 * Pure: no globals, no I/O. A search belongs to one thread.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "type/collation.h"

struct fulltext_search;

/* Copies what it keeps. A text that is not well-formed as a boolean search is read as far as it makes sense. */
struct fulltext_search *fulltext_search_create(struct bytes text, bool boolean_mode, const struct collation *collation);
void fulltext_search_destroy(struct fulltext_search **search);

/* A row: begin, then its columns in any order. Texts are UTF-8 and must stay until the row is asked about. */
void fulltext_begin_row(struct fulltext_search *search);
void fulltext_add_text(struct fulltext_search *search, struct bytes text);

/* Adds the row to the counts: counts[0] the rows, counts[1 + i] those with word i. */
unsigned fulltext_word_count(const struct fulltext_search *search);
void fulltext_count_row(struct fulltext_search *search, uint64_t *counts);
/* 0: the row is not what is searched for. */
double fulltext_rank_row(struct fulltext_search *search, const uint64_t *counts);
