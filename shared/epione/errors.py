"""Every error of Epione, by who is at fault.

EpioneError
├── Rejected            the message is at fault: dead-letter it, commit, go on
│   ├── MalformedEvent      it cannot be read, or contradicts itself
│   ├── UnknownPatient      it does not say, in a way we may use, whose it is
│   ├── RefusedGenome       a genome's address, size or checksum is not allowed
│   ├── UnreadableGenome    a VCF that is broken, unsorted or of another build
│   ├── UnreadableCalls     a file of another caller that is in no form we read
│   └── MalformedCohort     a cohort that cannot be read, or contradicts itself
├── Unavailable         the world is at fault: do not commit, try again
│   ├── BrokerDown
│   ├── StateDown
│   ├── CacheDown
│   ├── GenomeStoreDown
│   └── ModelNotLoaded
├── Denied              the caller is at fault: answer so, and do nothing
│   ├── Unauthenticated     it does not say who it is, or not truly
│   └── Forbidden           it asks for what it may not have
├── Misconfigured       the operator is at fault: refuse to start
├── Erased              what a message says was forgotten: pass it over, count it, go on
├── DeadLetterFlood     too many messages at fault in a row: an outage of ours; stop
├── Fenced              another process has this one's place in its group; stop
└── StateLost           the state is behind what it was seen to hold: stop, start, replay

No message of these errors ever holds an identifier of a patient.
"""


class EpioneError(Exception):
    """What every error of Epione is."""


class Rejected(EpioneError):
    """The message is at fault and will never succeed."""


class MalformedEvent(Rejected):
    """A message that cannot be read, or that contradicts itself."""


class UnknownPatient(Rejected):
    """A message that does not say, in a way that may be used, whose it is."""


class RefusedGenome(Rejected):
    """A genome whose address, size or checksum is not allowed."""


class UnreadableGenome(Rejected):
    """A VCF that is broken, unsorted, or of a build that was not asked for."""


class UnreadableCalls(Rejected):
    """A file of calls by another caller that is in no form that is read."""


class MalformedCohort(Rejected):
    """A cohort that cannot be read, or that contradicts itself."""


class Unavailable(EpioneError):
    """Something outside is at fault; the same message may succeed later."""


class BrokerDown(Unavailable):
    """Kafka did not answer, or did not take a message."""


class StateDown(Unavailable):
    """The Redis that holds state did not answer."""


class CacheDown(Unavailable):
    """The Redis that holds results did not answer; everything goes on without it."""


class GenomeStoreDown(Unavailable):
    """A genome's store did not answer."""


class ModelNotLoaded(Unavailable):
    """A model is not ready to answer."""


class Denied(EpioneError):
    """Someone asks at a door for what is not given to them."""


class Unauthenticated(Denied):
    """The caller does not say who it is, or not truly."""


class Forbidden(Denied):
    """The caller is known, and may not do what it asks."""


class Misconfigured(EpioneError):
    """A setting that contradicts the world; start-up refuses to go on."""


class Erased(EpioneError):
    """What a message says was forgotten: its patient's key was destroyed."""


class DeadLetterFlood(EpioneError):
    """So many messages in a row cannot be used that the fault is not theirs."""


class Fenced(EpioneError):
    """The group no longer knows this static member: its name, or its session, is not its own."""


class StateLost(EpioneError):
    """The state of a partition was rolled back or emptied while its log was quiet."""
