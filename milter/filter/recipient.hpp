// SPDX-License-Identifier: Apache-2.0
// Recipient: an envelope recipient with the route that Postfix has for it.
#pragma once

#include "conf/postfix/facts.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace sendconnector::filter {

// As Postfix hands it to a milter.
struct Recipient {
    std::string_view path;                        // argument of RCPT TO, "<bob@fabrikam.example>"
    std::optional<std::string_view> mailer = {};  // {rcpt_mailer}; sendmail(1) submissions have none
    std::string_view host = {};                   // {rcpt_host}
    std::optional<std::string_view> address = {}; // {rcpt_addr}: without source route and `%`, in lower case
    std::string parameters = {};                  // "NOTIFY=NEVER ORCPT=rfc822;bob@fabrikam.example"
};

enum class RecipientKind {
    by_lookup, // sc-SLUG: the lookup endpoint has decided
    split,     // sc-split: the lookup endpoint leaves the decision to the milter
    refused,   // the lookup endpoint refuses the sender
    relay,     // by relay_transport
    transport, // by an entry of transport_maps
    elsewhere, // not ours: local, virtual, an error, the default transport of a sender without connector
    unknown,   // sendmail(1) submissions do not say
};

// What the lookup endpoint says of the message's sender, as far as it tells recipients apart.
struct LookupView {
    std::string_view refusal = {}; // {rcpt_host} where the sender is refused; empty: it is not
    bool has_connector = false;    // a recipient of the default transport would show a service of ours
    // It cannot tell. Postfix then shows for a recipient of the default transport what it found for whomever
    // it was asked about before.
    bool is_temporary = false;
};

// Two transports look alike where transport_maps names the one that Postfix would use anyway; then it is that
// one. A virtual alias shows `error` with a text of Postfix'.
// `lookup` is asked only where the transport does not tell already.
RecipientKind kind_of(const Recipient& recipient, const std::function<LookupView()>& lookup,
                      const conf::postfix::Facts& facts);

// "<a@b>" without the brackets; also of the argument of MAIL FROM.
std::string_view address_of(std::string_view path);

// What stands after the last `@`; empty when there is none.
std::string_view domain_of(std::string_view address);

} // namespace sendconnector::filter
