// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/secrets.hpp"
#include "tests/unit/catch.hpp"

#include <utility>

using sendconnector::mail_log::Secrets;

TEST_CASE("secrets: hidden in every form that AUTH gives them, and where a reply is cut off in one") {
    struct Case {
        const char* text;
        bool is_cut;
        const char* want;
    };
    const Case cases[] = {
        {"535 not open sesame, open sesame", false,
         "535 not <authentication response>, <authentication response>"},
        {"535 b3BlbiBzZXNhbWU= b3BlbiBzZXNhbWU=", false,
         "535 <authentication response> <authentication response>"},
        {"535 AGFubmEAb3BlbiBzZXNhbWU=", false, "535 <authentication response>"},
        {"535 you said open ses", true, "535 you said <authentication response>"},
        {"535 you said b3BlbiB", true, "535 you said <authentication response>"},
        {"535 you said open ses", false, "535 you said open ses"},
        {"535 nothing", true, "535 nothing"},
        {"", true, ""},
    };
    Secrets secrets;
    secrets.begin("forgotten");
    secrets.begin("open sesame");
    secrets.add("AGFubmEAb3BlbiBzZXNhbWU=");
    for (const Case& c : cases) {
        INFO(c.text);
        CHECK(secrets.hide(c.text, c.is_cut) == c.want);
    }
    CHECK(secrets.hide("forgotten", false) == "forgotten");
}

TEST_CASE("secrets: base64 of every length, and passwords that are words") {
    Secrets secrets;
    for (const auto& [password, encoded] :
         {std::pair("12345", "MTIzNDU="), std::pair("123456", "MTIzNDU2"), std::pair("1234", "MTIzNA==")}) {
        secrets.begin(password);
        CHECK(secrets.hide(encoded, false) == "<authentication response>");
    }
    secrets.begin("is");
    CHECK(secrets.hide("250 this is it", false) == "250 this is it");
    secrets.begin("response");
    CHECK(secrets.hide("a response", false) == "a <authentication response>");
}
