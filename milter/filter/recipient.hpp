// SPDX-License-Identifier: Apache-2.0
// Recipient: an envelope recipient with the route that Postfix has for it.
#pragma once

#include <optional>
#include <string_view>

namespace sendconnector::filter {

// As Postfix hands it to a milter.
struct Recipient {
    std::string_view path;                       // argument of RCPT TO, "<bob@fabrikam.example>"
    std::optional<std::string_view> mailer = {}; // {rcpt_mailer}; sendmail(1) submissions have none
    std::string_view host = {};                  // {rcpt_host}
};

// Whether Postfix routes this recipient by the sender's default transport, so that send connectors are for
// it.
//
//   sc-SLUG                    yes: the lookup endpoint has said so
//   error                      only when {rcpt_host} is `refusal`, the text our own lookup endpoint gives for
//   a
//                              sender that is refused; a virtual alias shows `error` too, with another text
//   smtp                       no: with the lookup endpoint attached, that is the site's transport_maps, or a
//                              sender without a connector
//   local virtual relay lmtp discard ...   no
//   no {rcpt_mailer}           no: sendmail(1) submissions do not say, and mail for local users must not be
//                              touched. The lookup endpoint still decides which way it leaves and refuses
//                              senders that have none; only a connector's size limit is not enforced on it.
bool is_ours(const Recipient& recipient, std::string_view refusal);

// "<a@b>" without the brackets; also of the argument of MAIL FROM.
std::string_view address_of(std::string_view path);

// What stands after the last `@`; empty when there is none.
std::string_view domain_of(std::string_view address);

} // namespace sendconnector::filter
