// SPDX-License-Identifier: Apache-2.0
// Secrets: what smtp(8) has logged in with for a connector, to be hidden wherever it turns up.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::mail_log {

// As Exchange shows what it does not.
inline constexpr std::string_view hidden_secret = "<authentication response>";

class Secrets {
public:
    // The password that is about to be used; one before it is forgotten.
    void begin(std::string_view password);
    // A response of AUTH, as it was sent.
    void add(std::string_view response);
    // With the password, in any form that AUTH gives it, replaced wherever it stands in whole.
    std::string hide(std::string_view text) const;
    // Whether four characters in a row of one of these are in it: of the password in upper or lower case, of
    // what was sent, or of the password in the middle of anything that is base64. What is in doubt is not to
    // be shown at all: what stands around a gap may tell what was in it.
    bool has_piece_in(std::string_view text) const;

private:
    std::string m_password;
    std::vector<std::string> m_secrets;
    std::set<std::string, std::less<>> m_encoded; // pieces
    std::set<std::string, std::less<>> m_spelled; // pieces, in lower case
};

} // namespace sendconnector::mail_log
