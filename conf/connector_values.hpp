// SPDX-License-Identifier: Apache-2.0
// Values of [[connector]] keys with a syntax of their own: each checks one and stores it in the draft, or
// says what is wrong with it (without naming the key).
#pragma once

#include "conf/draft.hpp"
#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf {

// 1 to 64 characters; what messages and logs can carry between quotation marks.
Result<void> store_name(ConnectorDraft& draft, std::string_view text);
Result<void> store_comment(ConnectorDraft& draft, std::string_view text);
// A host name, or nothing.
Result<void> store_fqdn(ConnectorDraft& draft, std::string_view text);
// Called once for each address: one of each family at most.
Result<void> store_source_address(ConnectorDraft& draft, std::string_view text);
Result<void> store_mechanism(ConnectorDraft& draft, std::string_view text);
// The name of a file, without a folder.
Result<void> store_credential(ConnectorDraft& draft, std::string_view text);
// Called once for each entry of `routes`: default, relay or transport.
Result<void> store_route(ConnectorDraft& draft, std::string_view text);
// Called once for each entry; kept in canonical form (conf/failure_code.hpp).
Result<void> store_failure_code(ConnectorDraft& draft, std::string_view text);
// 00:00:01 to 1.00:00:00.
Result<void> store_inactivity_timeout(ConnectorDraft& draft, std::string_view text);

// envelope, header-from or login.
Result<policy::SenderIdentity> parse_sender_identity(std::string_view text);
// A path, or Exchange's `<I>issuer<S>subject`; which certificate that names is found out elsewhere
// (conf/own_certificate.hpp).
Result<std::string> parse_certificate_name(std::string_view text);
// `socketmap:inet:HOST:PORT:NAME` or `socketmap:unix:PATH:NAME` (socketmap_table(5)).
Result<std::string> parse_policy_map(std::string_view text);

} // namespace sendconnector::conf
