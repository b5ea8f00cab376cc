//! Nothing but a home for the test guests, which are this package's examples: see README.md.
