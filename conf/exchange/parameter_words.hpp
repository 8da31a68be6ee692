// SPDX-License-Identifier: Apache-2.0
// parameter_words(): what is said about keys of the file, for who gave parameters of a cmdlet.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::conf::exchange {

// "tls_auth_level needs require_tls = true" as "-TlsAuthLevel needs -RequireTLS $true". What stands in
// quotation marks stays.
std::string parameter_words(std::string_view text);

} // namespace sendconnector::conf::exchange
