"""`python -m epione_ingestion`: the service, until a signal stops it."""

from epione_ingestion.app import main

main()
