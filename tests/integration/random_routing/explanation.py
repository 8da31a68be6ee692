# SPDX-License-Identifier: Apache-2.0
"""Whether deliveries can be explained by what may become of each recipient."""

import collections


def explain(slots, have):
    """(sentences about lost and stray mail, Counter of what was delivered more than once).

    `slots`: [(recipient, [Counter of Delivery, ...])] of which each needs one alternative;
    `have`: Counter of Delivery.
    """
    chosen = _assign([alternatives for _recipient, alternatives in slots], have)
    sentences = []
    if chosen is None:
        sentences += [f"lost: <{recipient}>; might be {_text(alternatives)}"
                      for recipient, alternatives in slots
                      if not any(_within(one, have) for one in alternatives)]
        sentences = sentences or ["lost: too few copies for all recipients"]
    allowed = {one for _recipient, alternatives in slots for counter in alternatives
               for one in counter}
    sentences += [f"astray: {one}" for one in have if one not in allowed]
    doubled = collections.Counter() if chosen is None else have - chosen
    for one in list(doubled):
        if one not in allowed:
            del doubled[one]
    return sentences, doubled


def _within(part, whole):
    return all(whole[one] >= count for one, count in part.items())


def _assign(slots, have):
    """The sum of one alternative for each slot that is within `have`, or None."""
    # Those with least choice first; what comes to nothing last, for a copy that exists counts.
    ordered = sorted(slots, key=len)
    ordered = [sorted(one, key=lambda counter: -counter.total()) for one in ordered]

    def fit(number, left):
        if number == len(ordered):
            return left
        for alternative in ordered[number]:
            if _within(alternative, left):
                rest = fit(number + 1, left - alternative)
                if rest is not None:
                    return rest
        return None

    left = fit(0, have)
    return None if left is None else have - left


def _text(alternatives):
    return " or ".join(", ".join(map(str, one)) or "nothing" for one in alternatives)
