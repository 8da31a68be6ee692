# SPDX-License-Identifier: Apache-2.0
"""A hoster's sender domains: as many as wanted, the same ones in every run."""

_FIRST = ("amber", "birch", "copper", "delta", "ember", "fjord", "garnet", "harbor", "indigo",
          "juniper", "kestrel", "lagoon", "maple", "nimbus", "onyx", "prairie")
_SECOND = ("bakery", "clinic", "dental", "estates", "foods", "garage", "hotel", "legal", "music",
           "optics", "print", "realty", "school", "tools", "travel", "yoga")


def domain(number):
    """The `number`-th domain, some 25 octets: "copper-dental-0004711.example"."""
    return (f"{_FIRST[number % 16]}-{_SECOND[number // 16 % 16]}-"
            f"{number * 7919 % 10_000_019:07}.example")


def domains(count):
    return (domain(number) for number in range(count))


def octets(count):
    """Bytes of the names of `count` domains."""
    return sum(len(one) for one in domains(count))


def addresses(count, known, share=1.0, wanted=20_000):
    """`wanted` envelope senders for lookups: `share` of them in domains below `known`, spread evenly.

    The others are in domains that no table has. `count` is how many domains there are.
    """
    found = []
    hits = int(wanted * share)
    for number in range(wanted):
        if number < hits:
            found.append(f"user{number % 97}@{domain(number * known // max(hits, 1) % count)}")
        else:
            found.append(f"user{number % 97}@elsewhere-{number:07}.example")
    return found
