/* A library that is there when tokenizer-missing-library is linked, under a name that is not there when it is opened. */
void retort_departed (void);

void
retort_departed (void)
{
}
