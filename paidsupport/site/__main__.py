"""`python -m paidsupport.site`: as `python -m paidsupport.demo`."""

from paidsupport.demo.__main__ import main

if __name__ == "__main__":
    main()
