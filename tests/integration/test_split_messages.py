# SPDX-License-Identifier: Apache-2.0
"""Addresses and contents that a split must not change.

What arrives is held against what Postfix makes of the same message without us: the same message
of a sender who has no connector, as the site's smart host got it.
"""

from harness import message_texts, messages
from harness.split_case import FAR, NEAR, SENDER, STRANGER, SplitCase

LONG_LOCAL = "l" * 64


class Addresses(SplitCase):
    """Recipients and senders in every spelling that SMTP has for them."""

    weight = 15

    # What the client says in RCPT, what arrives, at which smart host.
    RECIPIENTS = [
        ('"a b"@partner.example', '"a b"@partner.example', "Partner"),
        ('"a@b"@partner.example', '"a@b"@partner.example', "Partner"),
        ('"a@far.example"@partner.example', '"a@far.example"@partner.example', "Partner"),
        (r'"a\"b"@partner.example', r'"a\"b"@partner.example', "Partner"),
        (r'"a\\b"@partner.example', r'"a\\b"@partner.example', "Partner"),
        (r'"a\b"@partner.example', "ab@partner.example", "Partner"),
        ('"<a>,(b);"@partner.example', '"<a>,(b);"@partner.example', "Partner"),
        ('"ab"@partner.example', "ab@partner.example", "Partner"),
        ('" "@partner.example', '" "@partner.example', "Partner"),
        ("a+b=c!d#e'f/g@partner.example", "a+b=c!d#e'f/g@partner.example", "Partner"),
        ("User@PARTNER.Example", "User@PARTNER.Example", "Partner"),
        ("u@sub.sub.partner.example", "u@sub.sub.partner.example", "Partner"),
        ("u@notpartner.example", "u@notpartner.example", "Rest"),
        ("u@partner.example.far.example", "u@partner.example.far.example", "Rest"),
        ("u@partner.example.", "u@partner.example", "Partner"),
        ("u@[192.0.2.5]", "u@[192.0.2.5]", "Rest"),
        (f"{LONG_LOCAL}@partner.example", f"{LONG_LOCAL}@partner.example", "Partner"),
        # 254 octets in all, the longest address; a domain of 255, the longest there is.
        *[(address, address, "Partner") for address in (
            f"{LONG_LOCAL}@{('d' * 43 + '.') * 3}{'e' * 41}.partner.example",
            f"u@{('d' * 59 + '.') * 4}partner.example")],
        # Postfix takes the source route off, and the hack apart.
        ("@a.example,@b.example:u@partner.example", "u@partner.example", "Partner"),
        ("@partner.example:u@far.example", "u@far.example", "Rest"),
        ("user%partner.example@local.example", "user@partner.example", "Partner"),
        ("user%far.example@local.example", "user@far.example", "Rest"),
        ("user%far.example@partner.example", "user%far.example@partner.example", "Partner"),
        ("partner.example!user@local.example", "user@partner.example", "Partner"),
    ]

    @classmethod
    def build_world(cls):
        cls.build_split_world("addr", senders=["contoso.example", "ü@contoso.example"],
                              settings={"smtputf8_enable": "yes"})
        cls.start()

    def test_recipients(self):
        sent = []
        for said, want, server in self.RECIPIENTS:
            for others in ((), (NEAR, FAR)):
                token, data = self.new_message()
                sent.append((said, {(server, want), *zip(("Partner", "Rest"), others)}, token,
                             self.submit(data, recipients=[said, *others])))
        for said, want, token, queue_id in sent:
            with self.subTest(said, copies=len(want)):
                found = self.arrived(token, len(want))
                self.assertEqual(set(found), want)
                if len(want) > 1:
                    self.assert_went(queue_id, True)
        self.world.postfix.wait_until_queue_empty()

    def test_the_longest_are_the_longest(self):
        lengths = {len(said) for said, _, _ in self.RECIPIENTS}
        self.assertIn(254, lengths)
        self.assertIn(255, {len(said.rpartition("@")[2]) for said, _, _ in self.RECIPIENTS})

    def test_senders(self):
        cases = [
            # in MAIL                          arrives as                      has connectors
            (SENDER,                           SENDER,                         True),
            ("A@CONTOSO.Example",              "A@CONTOSO.Example",            True),
            ('"a b"@contoso.example',          '"a b"@contoso.example',        True),
            (r'"a\"@\\b"@Contoso.example',     r'"a\"@\\b"@Contoso.example',   True),
            (f"{LONG_LOCAL}@contoso.example",  f"{LONG_LOCAL}@contoso.example", True),
            ("a+tag@contoso.example",          "a+tag@contoso.example",        True),
            ("@x.example:a@contoso.example",   "a@contoso.example",            True),
            ("a@contoso.example.",             "a@contoso.example",            True),
            ('"a@contoso.example"@other.example', '"a@contoso.example"@other.example', False),
            ("a%contoso.example@other.example", "a%contoso.example@other.example", False),
        ]
        sent = []
        for said, want, ours in cases:
            token, data = self.new_message()
            sent.append((said, want, ours, token, self.submit(data, said)))
        for said, want, ours, token, queue_id in sent:
            with self.subTest(said):
                found = self.arrived(token, 2 if ours else 1)
                self.assertEqual(set(found), {("Partner", NEAR), ("Rest", FAR)} if ours
                                 else {("site", NEAR), ("site", FAR)})
                self.assertEqual({one.sender for one in found.values()}, {want})
                self.assert_went(queue_id, ours)

    def test_the_null_sender(self):
        token, data = self.new_message("")
        self.submit(data, "")
        found = self.arrived(token)
        self.assertEqual(set(found), {("Notices", NEAR), ("Notices", FAR)})

    def test_smtputf8(self):
        """RFC 6531: addresses and header fields in UTF-8, and the word that says so."""
        cases = [
            # sender              recipient                   its smart host
            (SENDER,              "jürgen@partner.example",   "Partner"),
            ("ü@contoso.example", NEAR,                       "Partner"),
            ("ü@contoso.example", "用户@partner.example",      "Partner"),
            (SENDER,              "u@bücher.example",         "Rest"),
            (SENDER,              "u@bücher.partner.example", "Partner"),
        ]
        sent = []
        for sender, recipient, server in cases:
            for others in ((), (FAR, "x@sub.partner.example")):
                token = messages.new_token()
                data = messages.message(token, sender, recipient,
                                        headers=[("X-Name", "Grüße aus Köln")])
                queue_id = self.submit(data, sender, [recipient, *others],
                                       parameters=["SMTPUTF8", "BODY=8BITMIME"])
                sent.append((sender, {(server, recipient), *zip(("Rest", "Partner"), others)},
                             token, data, queue_id))
        for sender, want, token, data, queue_id in sent:
            with self.subTest(sender, want=want):
                found = self.arrived(token, len(want))
                self.assertEqual(set(found), want)
                for one in found.values():
                    self.assertEqual(one.sender, sender)
                    self.assertIn("SMTPUTF8", one.mail_parameters)
                    self.assertEqual(one.mail_parameters.get("BODY"), "8BITMIME")
                    self.assertEqual(one.untraced, data)

    def test_smtputf8_at_a_smart_host_that_has_it_not(self):
        """It bounces as it does without us, once, and the other recipient gets the message."""
        partner = self.world.smart_hosts["Partner"]
        partner.change(extensions=("PIPELINING", "8BITMIME", "DSN"))
        self.addCleanup(partner.change, extensions=type(partner.behaviour)().extensions)
        token, data = self.new_message()
        self.submit(data, recipients=["jürgen@partner.example", FAR],
                    parameters=["SMTPUTF8", "BODY=8BITMIME"])
        found = self.arrived(token, 2)
        self.assertEqual(set(found), {("Rest", FAR), ("Notices", SENDER)})
        self.assertIn("5.6.7", found["Notices", SENDER].data.decode())


class Contents(SplitCase):
    """Header and body, octet for octet."""

    weight = 12

    @classmethod
    def build_world(cls):
        cls.build_split_world("body")
        cls.start()

    def assert_as_without_us(self, sent):
        """`sent`: (what, one token for each way, the site's first)."""
        for what, tokens in sent:
            plain = self.arrived(tokens["site"])["site", NEAR]
            for way, token in tokens.items():
                with self.subTest(what, way=way):
                    recipients = self.WAYS.get(way, (NEAR,))
                    found = self.arrived(token, len(recipients))
                    self.assertEqual({to for _, to in found}, set(recipients))
                    for one in found.values():
                        self.assertEqual(one.untraced.replace(token.encode(), b"TOKEN"),
                                         plain.untraced.replace(tokens["site"].encode(), b"TOKEN"))
                        self.assertEqual(one.mail_parameters.get("BODY"),
                                         plain.mail_parameters.get("BODY"))

    def post(self, submit):
        """Each message three times: as a stranger's, to one connector, and split."""
        sent = []
        for what in message_texts.TEXTS:
            tokens = {}
            for way, recipients in {"site": (NEAR,), **self.WAYS}.items():
                tokens[way] = messages.new_token()
                submit(message_texts.message(tokens[way], what),
                       STRANGER if way == "site" else SENDER, recipients)
            sent.append((what, tokens))
        self.assert_as_without_us(sent)

    def test_by_smtp(self):
        self.post(self.submit)

    def test_by_smtp_with_8bitmime(self):
        self.post(lambda *message: self.submit(*message, parameters=["BODY=8BITMIME"]))

    def test_by_bdat_without_a_line_end_at_the_end(self):
        self.post(lambda data, *envelope: self.submit(data[:-1], *envelope, chunked=True))
        self.post(lambda data, *envelope: self.submit(data[:-2], *envelope, chunked=True))

    def test_by_sendmail(self):
        postfix = self.world.postfix
        for end in (None, -2):
            self.post(lambda data, sender, recipients: postfix.sendmail(
                sender, list(recipients), data[:end].replace(b"\r\n", b"\n")))

    def test_to_smart_hosts_of_7_bits(self):
        for host in self.world.smart_hosts.values():
            host.stop()  # and no session of another test goes on
            host.change(extensions=("PIPELINING", "DSN"))
            host.start()
            self.addCleanup(host.start)
            self.addCleanup(host.change, extensions=type(host.behaviour)().extensions)
            self.addCleanup(host.stop)
        self.post(lambda *message: self.submit(*message, parameters=["BODY=8BITMIME"]))

    def test_what_is_known_to_arrive(self):
        """The comparisons above hold messages against Postfix; these against what was sent."""
        for what in ("plain", "8 bits", "multipart", "a line of 998 octets", "dots",
                     "an empty body", "a body of empty lines", "200 kB"):
            with self.subTest(what):
                token = messages.new_token()
                data = message_texts.message(token, what)
                self.submit(data)
                for one in self.arrived(token, 2).values():
                    self.assertEqual(one.untraced, data)


class RecipientsOfALogin(Addresses):
    """The same recipients where the login decides."""

    login = SENDER
    test_senders = None
    test_the_null_sender = None
    test_smtputf8 = None
    test_smtputf8_at_a_smart_host_that_has_it_not = None


class ContentsOfALogin(Contents):
    """The same contents where the login decides, which travels in a field of ours."""

    login = SENDER
    test_by_sendmail = None
