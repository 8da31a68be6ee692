// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/tls_statement.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

using namespace sendconnector::mail_header;

namespace {

std::string told(std::string_view comment) {
    const TlsStatement tls = tls_of_comment(comment);
    return tls.is_encrypted ? fmt::format("{}|{}|{}", tls.protocol, tls.cipher, tls.bits) : "nothing";
}

} // namespace

TEST_CASE("what comments say of TLS") {
    struct Row {
        std::string_view comment;
        std::string_view want;
    };
    const Row rows[] = {
        {"using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
         "TLSv1.3|TLS_AES_256_GCM_SHA384|256"},
        {"using TLSv1 with cipher RC4-SHA (128/128 bits)", "TLSv1|RC4-SHA|128"},
        {"version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
         "TLSv1.2|TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384|0"},
        {"version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128", "TLSv1.3|TLS_AES_128_GCM_SHA256|128"},
        {"version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NOT",
         "TLSv1.2|ECDHE-RSA-AES256-GCM-SHA384|256"},
        {"TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256", "TLSv1.2|ECDHE-RSA-AES256-GCM-SHA384|256"},
        {"TLS1.3:TLS_AES_256_GCM_SHA384:256", "TLSv1.3|TLS_AES_256_GCM_SHA384|256"},
        {"TLS1.3", "TLSv1.3||0"},
        {"TLS1_0", "TLSv1||0"},
        {"DHE-RSA-AES256-SHA encrypted", "|DHE-RSA-AES256-SHA|0"},
        {"TLS", "||0"},
        {"SSLv3:RC4-MD5:128", "SSLv3|RC4-MD5|128"},
        {"not using TLS", "nothing"},
        {"No client certificate requested", "nothing"},
        {"Postfix", "nothing"},
        {"mail.example [192.0.2.1]", "nothing"},
        {"256/256 bits", "nothing"},
        {"Client CN \"TLSv1.3\", Issuer \"x\" (verified OK)", "nothing"},
        {"version=5, cipher=none", "nothing"},
        {"", "nothing"},
    };
    for (const Row& row : rows) {
        INFO(row.comment);
        CHECK(told(row.comment) == row.want);
    }
}

TEST_CASE("versions") {
    CHECK(tls_version("TLS1_3") == "TLSv1.3");
    CHECK(tls_version("tlsv1_2") == "TLSv1.2");
    CHECK(tls_version("TLSv1.0") == "TLSv1");
    CHECK(tls_version("TLS12") == "TLSv1.2");
    CHECK(tls_version("TLSv9.9").empty());
    CHECK(tls_version("TLSv1.3.1").empty());
    CHECK(tls_version("TLS").empty());
    CHECK(tls_version("STARTTLS").empty());
}
