"""The command line, one noun a file. ``screen`` speaks to the terminal, ``trouble`` says errors in one line, ``place``
finds settings and database; ``commands`` puts it together."""
