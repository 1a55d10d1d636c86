"""What an exported model of a life is asked and answers, array by array, in this order.

One graph reads lives and goes on with them: see `Form`. G lives have N futures each. Of what the
lives left (the prefix, P tokens) and what each future has had since (its own, S tokens), keys and
values are float32, one array of each a layer.

    asked     tokens       (G, N, T) int64, padded at the end with 0
              ages_days    (G, N, T) float32
              read         (G, N, R) int64, places among T, after which the rates are asked for
              had          (G, N, n_tokens) bool, whether a token was had before
              standing     (G, N, n_lifts) float32, the sum of lifts before
              length       (G,) int64, tokens of the prefix that are no padding
              prefix       keys, then values: (G, heads, P, head_width)
              own          keys, then values: (G, N, heads, S, head_width)
    answered  log_rates    (G, N, R, n_tokens) float32, a day; -30 is no rate
              age_sex, lift, transformer: what the log rates add up from, but for what cannot happen
              had, standing: as of the last place that was read
              own          as above, with S + T tokens
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MODEL, VOCABULARY, CARD = "model.onnx", "vocabulary.json", "card.json"
NAME = "life"

Arrays = tuple[npt.NDArray[np.generic], ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The axes of a model that do not change."""

    layers: int
    heads: int
    head_width: int
    n_tokens: int
    n_lifts: int

    @property
    def asked(self) -> tuple[str, ...]:
        """Name what it is asked."""
        caches = ("prefix_keys", "prefix_values", "own_keys", "own_values")
        names = ("tokens", "ages_days", "read", "had", "standing", "prefix_length")
        return (*names, *(f"{of}_{n}" for of in caches for n in range(self.layers)))

    @property
    def answered(self) -> tuple[str, ...]:
        """Name what it answers."""
        names = ("log_rates", "age_sex", "lift", "transformer", "had_now", "standing_now")
        return (*names, *(f"{of}_{n}" for of in ("keys", "values") for n in range(self.layers)))

    def unread(self, lives: int) -> Arrays:
        """Give all that is asked after the places to read, where nothing was read before."""
        return (
            np.zeros((lives, 1, self.n_tokens), np.bool_),
            np.zeros((lives, 1, self.n_lifts), np.float32),
            np.zeros(lives, np.int64),
            *self.no_keys(lives),
            *self.no_keys(lives, 1),
        )

    def no_keys(self, *of: int) -> Arrays:
        """Give keys and values of no tokens, for lives, or for lives and their futures."""
        empty = np.zeros((*of, self.heads, 0, self.head_width), np.float32)
        return (empty,) * (2 * self.layers)
