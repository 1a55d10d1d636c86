"""What Epione's services share: the contract, the stream's rules, and the medicine."""
