"""`python -m epione_inference`: the service, until a signal stops it."""

from epione_inference.app import main

main()
