# SPDX-License-Identifier: Apache-2.0
"""Every smart host of tests/fault_host at every TLS rule: what got through, and what did not.

The probe's verdict, the answer to Postfix, and what a real Postfix then did;
fault_matrix.md is made of it.
"""

from harness import fault_table
from harness.fault_run import VERIFIED, FaultRun
from harness.test_case import WorldCase


class Matrix:
    """What holds in every part of the matrix."""

    weight = 100
    time_limit = 240
    title = ""
    kinds = ()
    run_of_class = None

    @classmethod
    def build_world(cls):
        # At "may", smtp(8) goes on without TLS for messages older than minimal_backoff_time.
        cls.new_world("faults", settings={"minimal_backoff_time": "2s", "queue_run_delay": "600s",
                                          "maximal_backoff_time": "600s"})

    def play(self):
        """Once a class: the set-up of a class has less time than a test."""
        if type(self).run_of_class is None:
            type(self).run_of_class = "it could not be played, see the first test"
            type(self).run_of_class = FaultRun(self.world, self.kinds).play(150)
        if isinstance(self.run_of_class, str):
            self.fail(self.run_of_class)
        return self.run_of_class

    def cells(self):
        return self.play().cells

    def assert_none(self, wrong, what):
        wrong = [str(one) for one in wrong]
        self.assertEqual(wrong, [], f"{len(wrong)} cells: {what}\n" + "\n".join(wrong))

    def test_everything_comes_out_as_expected(self):
        self.assert_none((one for one in self.cells() if not one.as_expected), "not as expected")

    def test_nothing_is_in_plaintext_unless_opportunistic(self):
        """Not even the sender's address."""
        self.assert_none((one for one in self.cells() if one.level != "opportunistic"
                          and any(not event.tls for event in one.seen)), "in plaintext")

    def test_nothing_is_delivered_without_an_accepting_verdict(self):
        self.assert_none((one for one in self.cells() if one.level in VERIFIED
                          and one.verdict != "accepted" and one.seen), "sent")

    def test_nothing_bounces_and_nothing_is_lost(self):
        queued = {one.queue_id for one in (self.play(), self.world.postfix.queue())[1]}
        for cell in self.cells():
            with self.subTest(f"{cell.scenario.name} at {cell.level}"):
                self.assertNotIn("bounced", [one.status for one in cell.attempts], str(cell))
                delivered = cell.outcome in ("TLS", "plaintext")
                self.assertNotEqual(delivered, cell.queue_id in queued, str(cell))

    def test_a_refusal_is_in_the_log_of_postfix_with_its_reason(self):
        refused = [one for one in self.cells() if one.answer.startswith("TEMP")]
        lines = [line for line in self.world.postfix.log().splitlines() if "4.7." in line]
        for cell in refused:
            with self.subTest(f"{cell.scenario.name} at {cell.level}"):
                self.assertIn(cell.attempts[-1].dsn, ("4.7.5", "4.7.4"), str(cell))
                # "4.7.5 Certificate validation failure, Reason:CertExpired"
                told = cell.answer.removeprefix("TEMP ").partition(": ")[0]
                of_cell = [line for line in lines if f"/{cell.slug}/smtp[" in line]
                self.assertTrue(any(told in line for line in of_cell), "\n".join([told, *of_cell]))

    def test_the_table_is_as_committed(self):
        rows = {}
        for cell in self.cells():
            row = rows.setdefault(cell.scenario.name, (cell.scenario.kind, {}))
            row[1][cell.level] = cell.text
        text = fault_table.section(self.title, [(kind, name.replace("*", "\\*"), cells)
                                                for name, (kind, cells) in rows.items()])
        if fault_table.wanted():
            fault_table.update(self.title, text, [one.title for one in PARTS])
        self.assertEqual(fault_table.committed(self.title), text)


class Healthy(Matrix, WorldCase):
    """Sound smart hosts."""

    title = "Sound smart hosts"
    kinds = ("healthy",)


class Certificates(Matrix, WorldCase):
    """Chain, validity, purpose, names, constraints, strength."""

    title = "Certificates"
    kinds = ("certificate: chain", "certificate: validity", "certificate: purpose",
             "certificate: names", "certificate: constraints", "certificate: strength")


class RevocationOfCertificates(Matrix, WorldCase):
    """Lists, responses, staples."""

    title = "Revocation"
    kinds = ("certificate: CRL", "certificate: OCSP")


class Tls(Matrix, WorldCase):
    """Versions, ciphers, handshakes."""

    title = "TLS"
    kinds = ("TLS",)


class Smtp(Matrix, WorldCase):
    """Greeting, EHLO, STARTTLS, and what follows in TLS."""

    title = "SMTP"
    kinds = ("SMTP",)


PARTS = (Healthy, Certificates, RevocationOfCertificates, Tls, Smtp)
