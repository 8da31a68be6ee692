// SPDX-License-Identifier: Apache-2.0
// FlawList: the reasons found, each once a certificate, the one to tell first in front. Texts and advice of
// the reasons are written here.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/flaw.hpp"

#include <string>
#include <vector>

namespace sendconnector::policy {

// A flaw with the advice that goes with its reason.
CertificateFlaw flaw(CertificateReason reason, const Certificate* certificate, std::string text);

// Each (reason, certificate) once, the first text kept.
void add_flaw(std::vector<CertificateFlaw>& flaws, CertificateFlaw flaw);

// By how much it tells: what an administrator has to know first comes first; otherwise as found.
void sort_flaws(std::vector<CertificateFlaw>& flaws);

} // namespace sendconnector::policy
