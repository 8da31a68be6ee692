# SPDX-License-Identifier: Apache-2.0
"""Mail from end to end through real mail systems: how many a second, and what each costs."""

import contextlib
import dataclasses

from . import machine, mail_load, other_mail_systems, postfix_ways, senders
from .results import Findings, Goal, Table
from .rounds import interleaved, median_ratio, medians

TITLE = "Mail from end to end"
NONE, NOTHING = "Postfix, no milter", "do-nothing libmilter filter"
LOOKUP, FILTER = "sendconnector, lookup route", "sendconnector, FILTER"
NATIVE, EXIM, OPENSMTPD = "Postfix' own maps, lmdb", "Exim, cdb", "OpenSMTPD, file tables"
# Of the messages that a run has, for those that take long.
SHARES = {EXIM: 1 / 5, OPENSMTPD: 1 / 20}


def run(setting):
    findings = Findings()
    count = 100_000 if setting.quick else 1_000_000
    for where, folder in (("tmpfs", machine.tmpfs_folder()), ("disk", machine.disk_folder())):
        if folder is None:
            findings.remarks.append(f"queue on {where}: not measured, no such file system here")
            continue
        if setting.quick and where == "disk":
            findings.remarks.append("queue on disk, split, Exim, OpenSMTPD: only in a full run")
            continue
        with setting.in_folder(folder), contextlib.ExitStack() as stack:
            _measure(setting, where, _contestants(setting, stack, count, findings, where), findings)
    findings.remarks.append(f"{mail_load.SOURCES} smtp-source(1) at a time, {mail_load.SESSIONS} sessions each, a "
                            f"message of {mail_load.MESSAGE_OCTETS} octets a session; CPU of the mail system and all "
                            "that it asks, smtp-source and smtp-sink not counted")
    findings.remarks += [
        f"before each run, uncounted, {mail_load.warm_up(_most(setting))} messages or a third of the run's, so that "
        "whichever processes it takes are there",
        f"{count:,} sender domains for ten transports, where senders decide; those who send are of one transport, so "
        "that mail goes through one smtp(8) service whoever chooses it",
        "Postfix has Debian's smtp_tls_security_level=may everywhere, as connectors have: smtp-sink offers no TLS, but "
        "smtp(8) gets ready for it"]
    return findings


def _contestants(setting, stack, count, findings, where):
    """{name: (contestant, messages in a run)}, all running; the sink too."""
    workspace = stack.enter_context(setting.workspace())
    sink = mail_load.Sink(workspace)
    # All of one connector, see the remarks.
    froms = tuple(f"user@{senders.domain(count // 5 * number + 3)}" for number in range(1, 5))
    made = {}

    def add(name, build):
        setting.progress(f"queue on {where}: starting {name}")
        try:
            made[name] = build()
        except Exception as error:  # the others are worth measuring
            findings.remarks.append(f"{name}, queue on {where}: not measured: {error}")

    def world(**settings):
        return stack.enter_context(setting.world(settings={**postfix_ways.TLS, **settings}))

    add(NONE, lambda: postfix_ways.plain(workspace, sink, froms))
    add(NOTHING, lambda: postfix_ways.do_nothing_milter(setting, workspace, sink, froms))
    add(LOOKUP, lambda: postfix_ways.by_lookup(world(), sink, count, froms))
    add(FILTER, lambda: postfix_ways.by_filter(world(), sink, froms))
    add(NATIVE, lambda: postfix_ways.native_maps(workspace, sink, count, froms))
    if setting.quick:
        return {"sink": sink, **made}
    if NONE in made:
        add("split", lambda: postfix_ways.by_filter(
            # A table of aliases: whom a message is for is known only when it comes again.
            world(virtual_alias_maps="inline:{nobody@nowhere.example=nobody@nowhere.example}"), sink, froms))
    split = made.pop("split", None)
    for recipients in (1, 10, 50):
        if recipients > 1:
            made[f"{NONE}, {recipients} recipients"] = dataclasses.replace(made[NONE], recipients=recipients)
        if split:
            made[f"sendconnector, split of {recipients}"] = dataclasses.replace(
                split, recipients=recipients, copies=recipients)
    add(EXIM, lambda: other_mail_systems.exim(setting, workspace, sink, count, froms))
    add(OPENSMTPD, lambda: other_mail_systems.opensmtpd(setting, workspace, sink, count, froms))
    return {"sink": sink, **made}


def _measure(setting, where, made, findings):
    sink = made.pop("sink")

    def once(name, contestant):
        messages = _messages(setting, name, contestant)
        mail_load.send(contestant, sink, mail_load.warm_up(messages, contestant.copies))
        return mail_load.send(contestant, sink, messages)

    runs = interleaved({name: lambda name=name, one=one: once(name, one) for name, one in made.items()},
                       3 if where == "disk" else setting.rounds, lambda name: setting.progress(f"queue on {where}: {name}"))
    table = Table(f"queue on {where}", [("", "{}"), ("messages/s", "{:,.0f}"), ("CPU ms/message", "{:.2f}"),
                                        ("CPU of no milter's", "{:.2f}x")])
    figures = {name: medians(each) for name, each in runs.items()}
    for name, one in figures.items():
        recipients = made[name].recipients
        base = runs[NONE if recipients == 1 else f"{NONE}, {recipients} recipients"]
        table.rows.append([name, one["rate"], one["cpu_ms"], median_ratio(runs[name], base, "cpu_ms")])
    findings.tables.append(table)
    findings.figures[where] = figures
    _goals(where, runs, findings)


def _messages(setting, name, contestant):
    """So many in a run that it takes three to six seconds of a full one; enough for every session at least."""
    # A message that stays one costs less than as many as it has recipients.
    share = SHARES.get(name, min(1, (1 if contestant.copies > 1 else 3) / contestant.recipients))
    messages = int(_most(setting) * share) // mail_load.SOURCES * mail_load.SOURCES
    return max(mail_load.fewest(contestant.copies), messages)


def _most(setting):
    return 200 if setting.quick else 600


def _goals(where, runs, findings):
    def ratio(one, other):
        return median_ratio(runs[one], runs[other], "cpu_ms") if one in runs and other in runs else None

    def extra_of_nothing():
        """What the lookup route costs more than no milter, of what the do-nothing filter does."""
        if not {NONE, NOTHING, LOOKUP} <= set(runs):
            return None
        middle = {name: medians(runs[name])["cpu_ms"] for name in (NONE, NOTHING, LOOKUP)}
        extra = middle[NOTHING] - middle[NONE]
        return (middle[LOOKUP] - middle[NONE]) / extra if extra > 0 else None

    tail = f", queue on {where}"
    findings.goals += [
        Goal(f"CPU a message, lookup route over no milter{tail}", ratio(LOOKUP, NONE), "<=", 1.08),
        Goal(f"what the lookup route adds, of what a do-nothing filter adds{tail}", extra_of_nothing(), "<=", 0.5),
        Goal(f"CPU a message, FILTER over a do-nothing filter{tail}", ratio(FILTER, NOTHING), "<=", 1.10),
        Goal(f"CPU a message, lookup route over Postfix' own maps{tail}", ratio(LOOKUP, NATIVE), "<=", 1.05),
    ]
