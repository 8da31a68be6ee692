// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/secrets.hpp"
#include "tests/unit/catch.hpp"

#include <utility>

using sendconnector::mail_log::Secrets;

TEST_CASE("secrets: hidden in every form that AUTH gives them") {
    struct Case {
        const char* text;
        const char* want;
    };
    const Case cases[] = {
        {"535 not open sesame, open sesame", "535 not <authentication response>, <authentication response>"},
        {"535 b3BlbiBzZXNhbWU= b3BlbiBzZXNhbWU=", "535 <authentication response> <authentication response>"},
        {"535 AGFubmEAb3BlbiBzZXNhbWU=", "535 <authentication response>"},
        {"535 you said open ses", "535 you said open ses"},
        {"", ""},
    };
    Secrets secrets;
    secrets.begin("forgotten");
    secrets.begin("open sesame");
    secrets.add("AGFubmEAb3BlbiBzZXNhbWU=");
    for (const Case& c : cases) {
        INFO(c.text);
        CHECK(secrets.hide(c.text) == c.want);
    }
    CHECK(secrets.hide("forgotten") == "forgotten");
}

TEST_CASE("secrets: a piece of one is found, whatever it stands in") {
    Secrets secrets;
    secrets.begin("forgotten");
    secrets.begin("open sesame");
    secrets.add("AGFubmEAb3BlbiBzZXNhbWU=");
    for (const char* text : {"half open sesam", "OPEN", "same", "AGFubmEAb3BlbiBzZXNh", "BzZX",
                             "eG9wZW4gc2VzYW1l" /* x... */, "eHhvcGVuIHNlc2FtZQ==" /* xx... */,
                             "eHhvcGVuIHNlc2FtZXg=" /* xx...x */, "eHh4b3BlbiBzZXNhbWU=" /* xxx... */})
        CHECK(secrets.has_piece_in(text));
    for (const char* text : {"", "ope", "250 2.0.0 accepted", "forgotten", "Zm9yZ290dGVu", "bzZX"})
        CHECK_FALSE(secrets.has_piece_in(text));
}

TEST_CASE("secrets: base64 of every length, and passwords that are words") {
    Secrets secrets;
    for (const auto& [password, encoded] :
         {std::pair("12345", "MTIzNDU="), std::pair("123456", "MTIzNDU2"), std::pair("1234", "MTIzNA==")}) {
        secrets.begin(password);
        CHECK(secrets.hide(encoded) == "<authentication response>");
    }
    secrets.begin("is");
    CHECK(secrets.hide("250 this is it") == "250 this is it");
    secrets.begin("response");
    CHECK(secrets.hide("a response") == "a <authentication response>");
}
