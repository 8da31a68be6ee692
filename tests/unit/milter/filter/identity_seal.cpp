// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/identity_seal.hpp"

#include "conf/postfix/identity_key.hpp"
#include "tests/unit/catch.hpp"

#include <filesystem>
#include <set>
#include <stdlib.h>
#include <unistd.h>

using namespace sendconnector::filter;
using namespace std::chrono_literals;
using Kind = IdentitySeal::Opened::Kind;
namespace fs = std::filesystem;

namespace {

// A state directory with a key.
class State {
public:
    State() {
        std::string name = fs::temp_directory_path() / "sc-seal.XXXXXX";
        REQUIRE(mkdtemp(name.data()) != nullptr);
        m_path = name;
        REQUIRE(sendconnector::conf::postfix::make_identity_key(m_path));
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { fs::remove_all(m_path); }

    IdentitySeal seal() const { return IdentitySeal::open(m_path).value(); }

private:
    std::string m_path;
};

const auto now = IdentitySeal::TimePoint(1'790'000'000s);
const auto expires = now + 5 * 24h;
const Binding message{"alice@contoso.example", "<1@contoso.example>", "Mon, 23 Nov 2026 17:00:00 +0000"};

} // namespace

TEST_CASE("who sealed is who opens") {
    const State state;
    const auto seal = state.seal();
    for (const std::string& login :
         {std::string("alice"), std::string("alice@contoso.example"), std::string(),
          std::string("CONTOSO\\alice"), std::string("a b\"<>\r\n"), std::string("nul\0inside", 10),
          std::string("j\xc3\xb6rg"), std::string(512, 'x')}) {
        CAPTURE(login);
        const auto token = seal.seal({login}, message, expires);
        REQUIRE(token);
        CHECK(token->size() <= IdentitySeal::longest_token);
        CHECK(token->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
        // Another daemon, later, with the same key.
        const auto opened = state.seal().open_token(*token, message, now + 1h);
        CHECK(opened.kind == Kind::valid);
        CHECK(opened.identity.login == login);
        CHECK(seal.open_token(" " + *token + "\r\n", message, now).kind == Kind::valid);
    }
    CHECK_FALSE(seal.seal({std::string(513, 'x')}, message, expires));
}

TEST_CASE("no two tokens are alike, and none shows the login") {
    const State state;
    const auto seal = state.seal();
    std::set<std::string> tokens;
    for (int i = 0; i < 1000; ++i) {
        tokens.insert(seal.seal({"alice@contoso.example"}, message, expires).value());
    }
    CHECK(tokens.size() == 1000);
    // base64 of "alice" at each of the three offsets it can have.
    for (const char* part : {"YWxpY2", "FsaWNl", "hbGljZ"}) {
        const auto shown = std::count_if(tokens.begin(), tokens.end(), [&](const auto& token) {
            return token.find(part) != std::string::npos;
        });
        CHECK(shown < 10);
    }
}

TEST_CASE("a token is good for its message only") {
    const State state;
    const auto seal = state.seal();
    const auto token = seal.seal({"alice"}, message, expires).value();
    struct Case {
        const char* what;
        Binding binding;
        Kind want;
    };
    const auto& [sender, id, date] = message;
    const Case cases[] = {
        {"the message", message, Kind::valid},
        {"space kept behind the colon", {sender, " " + id, "\t" + date + " "}, Kind::valid},
        {"folded", {sender, "\n " + id, "Mon,\n 23 Nov 2026 17:00:00\r\n +0000"}, Kind::valid},
        {"another sender", {"bob@contoso.example", id, date}, Kind::not_ours},
        {"no sender", {"", id, date}, Kind::not_ours},
        {"another Message-ID", {sender, "<2@contoso.example>", date}, Kind::not_ours},
        {"no Message-ID", {sender, "", date}, Kind::not_ours},
        {"another Date", {sender, id, "Mon, 23 Nov 2026 17:00:01 +0000"}, Kind::not_ours},
        {"no Date", {sender, id, ""}, Kind::not_ours},
        {"Message-ID and Date exchanged", {sender, date, id}, Kind::not_ours},
        {"cut elsewhere", {sender + id.substr(0, 1), id.substr(1), date}, Kind::not_ours},
        {"all in one", {sender, id + date, ""}, Kind::not_ours},
    };
    for (const auto& c : cases) {
        CAPTURE(c.what);
        const auto opened = seal.open_token(token, c.binding, now);
        CHECK(opened.kind == c.want);
        CHECK(opened.identity.login == (c.want == Kind::valid ? "alice" : ""));
    }
    const Binding nothing;
    CHECK(seal.open_token(seal.seal({"a"}, nothing, expires).value(), nothing, now).kind == Kind::valid);
}

TEST_CASE("a token expires") {
    const State state;
    const auto seal = state.seal();
    struct Case {
        IdentitySeal::TimePoint expires;
        IdentitySeal::TimePoint opened;
        Kind want;
    };
    const Case cases[] = {
        {now + 1s, now, Kind::valid},
        {now + 1s, now + 999ms, Kind::valid},
        {now + 1s, now + 1s, Kind::expired},
        {now, now, Kind::expired},
        {now - 1h, now, Kind::expired},
        {now + 24h * 365, now + 24h * 364, Kind::valid},
        {IdentitySeal::TimePoint(-1h), now, Kind::expired},
        {IdentitySeal::TimePoint(), IdentitySeal::TimePoint(), Kind::expired},
        {now + 1h, now - 24h, Kind::valid}, // a clock set back
    };
    for (const auto& c : cases) {
        CAPTURE(c.expires.time_since_epoch().count(), c.opened.time_since_epoch().count());
        const auto opened =
            seal.open_token(seal.seal({"alice"}, message, c.expires).value(), message, c.opened);
        CHECK(opened.kind == c.want);
        CHECK(opened.identity.login.empty() == (c.want != Kind::valid));
    }
}

TEST_CASE("no octet of a token can be changed") {
    const State state;
    const auto seal = state.seal();
    const auto token = seal.seal({"alice@contoso.example"}, message, expires).value();
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (const char c : std::string("A_-z9=+/ \n\0@\xff", 13)) {
            if (c == token[i]) {
                continue;
            }
            auto changed = token;
            changed[i] = c;
            CAPTURE(i, static_cast<int>(c));
            CHECK(seal.open_token(changed, message, now).kind == Kind::not_ours);
        }
        CHECK(seal.open_token(token.substr(0, i), message, now).kind == Kind::not_ours);
        CHECK(seal.open_token(token.substr(i + 1), message, now).kind == Kind::not_ours);
        CHECK(seal.open_token(token.substr(0, i) + "A" + token.substr(i), message, now).kind ==
              Kind::not_ours);
    }
    for (const char* tail : {"A", "=", "==", "====", "AAAA", ".", "\n A"}) {
        CAPTURE(tail);
        CHECK(seal.open_token(token + tail, message, now).kind == Kind::not_ours);
    }
    CHECK(seal.open_token(token + " " + token, message, now).kind == Kind::not_ours);
    CHECK(seal.open_token(token + token, message, now).kind == Kind::not_ours);
}

TEST_CASE("what is no token is not ours, whatever its length") {
    const State state;
    const auto seal = state.seal();
    for (std::size_t size = 0; size < 1000; ++size) {
        for (const char c : std::string("AB=_ \0\xff", 7)) {
            CHECK(seal.open_token(std::string(size, c), message, now).kind == Kind::not_ours);
        }
    }
    CHECK(seal.open_token(std::string(10'000'000, 'A'), message, now).kind == Kind::not_ours);
    CHECK(seal.open_token("alice", message, now).kind == Kind::not_ours);
}

TEST_CASE("a token made with another key is not ours") {
    const State state;
    const State other;
    const auto token = other.seal().seal({"alice"}, message, expires).value();
    CHECK(other.seal().open_token(token, message, now).kind == Kind::valid);
    CHECK(state.seal().open_token(token, message, now).kind == Kind::not_ours);
}

TEST_CASE("without a key nothing is sealed") {
    const auto seal = IdentitySeal::open("/nonexistent");
    REQUIRE_FALSE(seal);
    CHECK(seal.error().hint == "run sendconnectorctl apply");
}
