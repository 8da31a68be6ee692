// SPDX-License-Identifier: Apache-2.0
// Secrets: what smtp(8) has logged in with for a connector, to be hidden wherever it turns up.
#pragma once

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
    // With the password, in any form that AUTH gives it, replaced. `is_cut`: the text may end in the middle
    // of it.
    std::string hide(std::string_view text, bool is_cut) const;

private:
    std::string m_password;
    std::vector<std::string> m_secrets;
};

} // namespace sendconnector::mail_log
