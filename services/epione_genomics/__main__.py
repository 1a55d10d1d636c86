"""`python -m epione_genomics`: the service, until a signal stops it."""

from epione_genomics.app import main

main()
