/* Text for manual pages. */
#ifndef WSC_ROFF_H
#define WSC_ROFF_H

/* The head of a page; the name in capitals. */
void roff_head(const char *title, const char *section, const char *version, const char *manual);
/* Text in which no character means anything to roff; `between backticks` it is bold. */
void roff_text(const char *s);
/* The same as a paragraph's line of its own. */
void roff_line(const char *s);

#endif
