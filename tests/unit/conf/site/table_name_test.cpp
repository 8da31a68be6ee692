// SPDX-License-Identifier: Apache-2.0
// Tables by name, without what is in them.
#include "conf/site/table_name.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/site/described_site.hpp"

namespace sendconnector::conf::site {

using namespace testing;

TEST_CASE("a table's name is shown where it is a place, and its type where it holds what is in it") {
    struct Case {
        const char* name;
        const char* shown;
    };
    const Case cases[] = {
        {"hash:/etc/postfix/sasl", "hash:/etc/postfix/sasl"},
        {"/etc/postfix/sasl", "/etc/postfix/sasl"},
        {"proxy:mysql:/etc/postfix/sasl.cf", "proxy:mysql:/etc/postfix/sasl.cf"},
        {"socketmap:unix:/run/x:sasl", "socketmap:unix:/run/x:sasl"},
        {"static:bob:S3CRET", "static:..."},
        {"static:/S3CRET", "static:..."},
        {"static:{bob:S3CRET}", "static:{...}"},
        {"proxy:static:bob:S3CRET", "proxy:static:..."},
        {"debug:static:bob:S3CRET", "debug:static:..."},
        {"inline:{{a@x.example=bob:S3CRET},{x}}", "inline:{...}"},
        {"inline:{ a=bob:S3CRET }", "inline:{...}"},
        {"regexp:{{/x/ bob:S3CRET}}", "regexp:{...}"},
        {"randmap:{bob:S3CRET}", "randmap:{...}"},
        {"unionmap:{static:bob:S3CRET}", "unionmap:{...}"},
        {"pipemap:{hash:/etc/x, static:bob:S3CRET}", "pipemap:{...}"},
        {"{static:bob:S3CRET}", "..."},
        {"bob:S3CRET", "..."},
        {"S3CRET", "..."},
        {"s3cret:bob", "..."},
        {"", "..."},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        CHECK(name_as_shown(each.name) == each.shown);
    }
}

TEST_CASE("nothing that is said of a table of passwords has one in it") {
    Site site = plain_site();
    site.settings["relayhost"] = "[a.example]";
    site.settings["smtp_sasl_auth_enable"] = "yes";
    site.settings["smtp_sender_dependent_authentication"] = "yes";
    put_named(site, password_maps, "static:bob:S3CRET", {}, false);
    put_named(site, password_maps, "inline:{{@[1.2.3.4]=bob:S3CRET}}", {{"@[1.2.3.4]", "bob:S3CRET"}});
    put_named(site, policy_maps, "static:{S3CRET}", {}, false);
    site.services["smtp"].overrides = {{"own_secret", "S3CRET"},
                                       {"lmtp_sasl_password_maps", "static:bob:S3CRET"},
                                       {"smtp_generic_maps", "static:bob:S3CRET"}};
    const std::string text = described(site);
    CHECK(text.find("own_secret: its value of the service smtp is not taken") != std::string::npos);
    CHECK(text.find("static:... of smtp_sasl_password_maps can be asked") != std::string::npos);
    CHECK(text.find("\"@[1.2.3.4]\" of inline:{...} names no sender") != std::string::npos);
    CHECK(text.find("S3CRET") == std::string::npos);
}

} // namespace sendconnector::conf::site
