// SPDX-License-Identifier: Apache-2.0
// Acceptance at MAIL, held against what a session says that sees the message to its end all the same: under
// generated policies and settings of Postfix, with every kind of recipient, header and size that may follow.
#include "milter/filter/left_to_lookup.hpp"

#include "conf/postfix/answers.hpp"
#include "milter/filter/session.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

#include <fmt/format.h>
#include <initializer_list>
#include <random>
#include <vector>

using namespace sendconnector;
using conf::postfix::Answer;
using filter::Place;
using filter::Response;
using filter::Session;

namespace {

constexpr std::uint64_t small_limit = 1500; // octets

class Draw {
public:
    explicit Draw(std::uint32_t seed) : m_engine(seed) {}
    std::size_t below(std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(m_engine);
    }
    bool once_in(std::size_t n) { return below(n) == 0; }
    template <class T>
    T of(std::initializer_list<T> list) {
        return *(list.begin() + below(list.size()));
    }
    std::string text(std::initializer_list<const char*> list) { return of(list); }

private:
    std::mt19937 m_engine;
};

std::string connector(Draw& draw, std::size_t number) {
    auto text = fmt::format("[[connector]]\nname = \"C{}\"\n", number);
    text += "senders = [" +
            draw.text({R"("contoso.example")", R"("contoso.example")", R"("*.contoso.example")",
                       R"("a@contoso.example")", R"("<>")", R"("*")"}) +
            "]\n";
    text += "address_spaces = [" +
            draw.text({R"("*")", R"("*")", R"("*")", R"("partner.example")", R"("*;5", "partner.example")"}) +
            "]\n";
    text += "max_message_size = \"" +
            draw.text({"unlimited", "unlimited", "35MB", "1500B", "1400B", "1000B"}) + "\"\n";
    if (draw.once_in(6))
        text += "routes = [" +
                draw.text({R"("default", "relay")", R"("default", "transport")", R"("relay")"}) + "]\n";
    if (draw.once_in(8))
        text += "sender_identity = \"" + draw.text({"login", "login", "header-from"}) + "\"\n";
    if (draw.once_in(8))
        text += "enabled = false\n";
    if (draw.once_in(8))
        text += "source_transport_servers = [\"other.example\"]\n";
    return text;
}

// Empty: not a configuration that is served.
std::string configuration(Draw& draw) {
    const std::size_t connectors = 1 + draw.below(3);
    std::string text;
    text += "unmatched_senders = \"" + draw.text({"postfix", "postfix", "default", "reject"}) + "\"\n";
    if (text.find("\"default\"") != std::string::npos)
        text += fmt::format("default_connector = \"C{}\"\n", draw.below(connectors));
    if (draw.once_in(3))
        text += "unmatched_recipients = \"" + draw.text({"postfix", "mx", "defer", "reject"}) + "\"\n";
    if (draw.once_in(4))
        text += "selection_order = \"address-space-first\"\n";
    for (std::size_t i = 0; i < connectors; ++i)
        text += connector(draw, i);
    return text;
}

std::shared_ptr<const conf::postfix::Snapshot> snapshot(Draw& draw) {
    const test::TemporaryDirectory directory;
    for (;;) {
        auto loaded = conf::load_configuration(directory.write("sendconnector.toml", configuration(draw)));
        if (!loaded.configuration)
            continue;
        auto applied = test::everything_applied(*loaded.configuration->policy,
                                                draw.of<std::uint64_t>({0, 10'240'000, small_limit}));
        applied.helo_name = "smtp-helo-name.example";
        if (draw.once_in(8))
            applied.services.clear();
        if (draw.once_in(8))
            applied.split_listener.clear();
        return std::make_shared<const conf::postfix::Snapshot>(std::move(*loaded.configuration),
                                                               std::move(applied));
    }
}

conf::postfix::Facts facts(Draw& draw, const conf::postfix::Snapshot& of) {
    auto facts = of.applied().facts;
    const auto sometimes = [&](std::vector<std::string>& list, const char* text) {
        if (draw.once_in(5))
            list.emplace_back(text);
    };
    sometimes(facts.expansions, "virtual_alias_maps = hash:/x");
    sometimes(facts.expansions, "always_bcc = archive@local.example");
    sometimes(facts.sender_rewriting, "sender_canonical_maps = hash:/x");
    sometimes(facts.filters, "content_filter = scan:");
    if (draw.once_in(6)) // main.cf has been changed since
        facts.message_size_limit = draw.of<std::uint64_t>({0, 20'000'000});
    facts.known = !draw.once_in(8);
    return facts;
}

// One message of one sender, driven to its end.
class Drive {
public:
    Drive(Draw& draw, std::shared_ptr<const conf::postfix::Snapshot> of, std::string sender)
        : m_draw(draw), m_snapshot(std::move(of)), m_sender(std::move(sender)),
          m_facts(facts(draw, *m_snapshot)), m_shown(filter::wanted(*m_snapshot, m_facts)),
          m_session(shown()) {}

    // What was said to MAIL.
    Response mail() {
        m_place = m_draw.of(
            {Place::first_pass, Place::first_pass, Place::first_pass, Place::listener, Place::reinjection});
        m_declared = m_draw.of<std::uint64_t>({0, 0, 900, 1450, small_limit, 2000, 40'000'000});
        const auto size = fmt::format("SIZE={}", m_declared);
        std::vector<std::string_view> parameters{"BODY=8BITMIME"};
        if (m_declared > 0)
            parameters.emplace_back(size);
        return m_session.mail(
            {m_snapshot, std::make_shared<const conf::postfix::Facts>(m_facts)}, "<" + m_sender + ">",
            parameters,
            {.place = m_place, .login = m_draw.once_in(2) ? "a@contoso.example" : "", .stranger = {}});
    }

    // "" when the session has let everything pass, and wants nothing done.
    std::string rest() {
        for (std::size_t i = m_place == Place::listener ? 1 : 1 + m_draw.below(3); i > 0; --i)
            if (const auto said = m_session.rcpt(recipient()); said.action != Response::Action::proceed)
                return "at RCPT: " + said.note;
        if (m_shown.headers) {
            headers();
            const auto said = m_session.end_of_headers();
            if (said.action == Response::Action::accept)
                return "";
            if (said.action != Response::Action::proceed)
                return "at the end of headers: " + said.note;
        }
        if (m_shown.octets)
            m_session.body(body());
        return fault_of(m_session.end_of_message({}));
    }

    Place place() const { return m_place; }
    std::string description() const {
        std::string text =
            fmt::format("from <{}> place {} SIZE={} shown {}{}{}\n{}", m_sender, static_cast<int>(m_place),
                        m_declared, m_shown.place, m_shown.headers, m_shown.octets, to_string(m_facts));
        for (const auto& one : m_snapshot->policy().connectors())
            text += fmt::format("{}: enabled {} octets {}\n", one.name, one.enabled,
                                one.max_message_size.octets());
        return text;
    }

private:
    filter::Shown shown() {
        if (m_draw.once_in(3))
            m_shown = {true, true, true}; // by the policy before
        return m_shown;
    }

    filter::Recipient recipient() {
        m_domain = m_draw.text({"partner.example", "far.example"});
        m_path = "<b@" + m_domain + ">";
        filter::Recipient recipient{.path = m_path};
        if (m_draw.once_in(5))
            m_address = "c@" + m_draw.text({"partner.example", "far.example"}), recipient.address = m_address;
        if (m_draw.once_in(3))
            by_default(recipient);
        else
            otherwise(recipient);
        return recipient;
    }

    // As the lookup endpoint says.
    void by_default(filter::Recipient& recipient) {
        const auto answer = conf::postfix::transport_answer(*m_snapshot, m_sender, 0);
        m_transport = answer.status == Answer::Status::ok ? answer.text : "smtp:" + m_domain;
        const auto colon = m_transport.find(':');
        recipient.mailer = std::string_view(m_transport).substr(0, colon);
        recipient.host = std::string_view(m_transport).substr(colon + 1);
    }

    // By the site's own tables, or by what the lookup endpoint had said before a reload.
    void otherwise(filter::Recipient& recipient) {
        const auto mailer = m_draw.of<std::string_view>(
            {"relay", "smtp", "local", "virtual", "error", "slow", "sc-c0", "sc-c1", "sc-gone", "retry", ""});
        if (!mailer.empty())
            recipient.mailer = mailer;
        recipient.host =
            mailer == "error" ? "User unknown in virtual alias table" : std::string_view(m_domain);
    }

    void headers() {
        m_session.header("Received", " from x", true);
        if (!m_draw.once_in(3))
            m_session.header("From", m_draw.text({" a@contoso.example", " b@x.example", " a@b, c@d"}), true);
        if (m_draw.once_in(3))
            m_session.header("X-Sendconnector-Relay", m_draw.text({" c0 by x", " c1 by y", " c2"}), true);
        if (m_draw.once_in(3))
            m_session.header("x-sendconnector-identity", " abc", true);
    }

    // What Postfix takes, up to the last octet; less what the header has.
    std::uint64_t body() {
        const auto most = m_facts.known ? conf::postfix::most_octets(m_facts) : UINT64_MAX;
        return std::min(most,
                        m_draw.of<std::uint64_t>({100, 1200, 1400, small_limit, 9'000'000, 50'000'000})) -
               std::min<std::uint64_t>(most, 100);
    }

    static std::string fault_of(const Response& said) {
        if (said.action != Response::Action::proceed)
            return "at the end: " + said.note;
        if (said.exchange)
            return "a recipient is exchanged";
        for (const auto& edit : said.edits)
            // Of the client's own; they mean nothing where nothing is read of the header.
            if (edit.kind != filter::Edit::Kind::remove || edit.name == filter::route_field)
                return "edits " + edit.name + ": " + edit.value;
        return "";
    }

    Draw& m_draw;
    std::shared_ptr<const conf::postfix::Snapshot> m_snapshot;
    std::string m_sender;
    conf::postfix::Facts m_facts;
    filter::Shown m_shown;
    Session m_session;
    Place m_place = Place::first_pass;
    std::uint64_t m_declared = 0;
    std::string m_domain, m_path, m_address, m_transport;
};

constexpr std::string_view plain = R"(
[[connector]]
name = "Plain"
senders = ["plain.example"]
address_spaces = ["*"]
max_message_size = "unlimited"
)";

} // namespace

TEST_CASE("a session that sees what was accepted at MAIL has nothing to say to it, whatever follows") {
    Draw draw(20'261'129);
    std::size_t accepted = 0;
    for (int round = 0; round < 700; ++round) {
        const auto current = snapshot(draw);
        for (const auto* sender :
             {"a@contoso.example", "a+x@contoso.example", "b@sub.contoso.example", "c@other.example", ""})
            for (int i = 0; i < 8; ++i) {
                Drive drive(draw, current, sender);
                if (drive.mail().action != Response::Action::accept)
                    continue;
                ++accepted;
                INFO(drive.description());
                REQUIRE(drive.place() == Place::first_pass);
                REQUIRE(drive.rest() == "");
            }
    }
    CHECK(accepted > 1900); // of 28,000
}

TEST_CASE("what is left to the lookup endpoint") {
    const auto is_left = [](const std::string& more, std::string_view sender,
                            const conf::postfix::Facts& facts = test::plain_facts(), bool is_applied = true) {
        const auto current = test::snapshot_of(more + std::string(plain), 10'240'000, is_applied);
        return filter::is_left_to_lookup(*current, facts, current->policy().parse_sender(sender), {});
    };
    CHECK(is_left("", "a@plain.example"));
    CHECK(is_left("", "a@other.example"));
    CHECK(is_left("", ""));
    CHECK(is_left("unmatched_senders = \"default\"\ndefault_connector = \"Plain\"\n", "a@other.example"));
    CHECK_FALSE(is_left("unmatched_senders = \"reject\"\n", "a@other.example"));
    CHECK(is_left("unmatched_senders = \"reject\"\n", "a@plain.example"));
    // Others' connectors may want more.
    const std::string by_space = "[[connector]]\nname = \"Space\"\nsenders = [\"space.example\"]\n"
                                 "address_spaces = [\"partner.example\"]\nmax_message_size = \"1MB\"\n";
    CHECK(is_left(by_space, "a@plain.example"));
    CHECK_FALSE(is_left(by_space, "a@space.example"));
    auto renamed = test::plain_facts();
    renamed.sender_rewriting = {"sender_canonical_maps = hash:/x"};
    CHECK(is_left("", "a@plain.example", renamed));
    CHECK_FALSE(is_left(by_space, "a@plain.example", renamed));
    CHECK_FALSE(is_left(by_space + "sender_identity = \"login\"\n", "a@plain.example"));
    CHECK_FALSE(is_left(by_space + "sender_identity = \"header-from\"\n", "a@plain.example"));
    CHECK_FALSE(is_left(by_space + "source_transport_servers = [\"other.example\"]\n", "a@plain.example"));
    CHECK_FALSE(is_left("", "a@plain.example", test::plain_facts(), false));
    auto guessed = test::plain_facts();
    guessed.known = false;
    CHECK_FALSE(is_left("", "a@plain.example", guessed));
}

TEST_CASE("nothing is accepted at MAIL where it is not known which smtpd(8) this is, and that could matter") {
    const auto current = test::snapshot_of("[[connector]]\nname = \"Space\"\nsenders = [\"space.example\"]\n"
                                           "address_spaces = [\"partner.example\"]\n" +
                                           std::string(plain));
    const auto said = [&](filter::Shown shown, Place place = Place::first_pass) {
        Session session(shown);
        return session
            .mail({current, std::make_shared<const conf::postfix::Facts>(test::plain_facts())},
                  "<a@plain.example>", {}, {.place = place, .login = {}, .stranger = {}})
            .action;
    };
    CHECK(said({true, false, false}) == Response::Action::accept);
    CHECK(said({}) == Response::Action::proceed); // negotiated before a reload
    CHECK(said({true, false, false}, Place::listener) == Response::Action::proceed);
    CHECK(said({true, false, false}, Place::reinjection) == Response::Action::proceed);
}
