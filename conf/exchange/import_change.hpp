// SPDX-License-Identifier: Apache-2.0
// What an import writes into the configuration's files.
#pragma once

#include "conf/exchange/connector_object.hpp"
#include "conf/exchange/imported.hpp"

#include <vector>

namespace sendconnector::conf::exchange {

// The keys of a connector that is not there yet. One whose export is incomplete is disabled: what is missing
// may have been what kept mail safe.
std::vector<KeyText> keys_of_new(const Imported& imported);

// The keys of `existing` that mean something else in the import; what the import does not say stays. The name
// of a credential's file stays too, for the import only makes one up, and its fate becomes `taken`; and so
// does `enabled` where the export is incomplete. A second import changes nothing.
std::vector<KeyText> keys_that_change(Imported& imported, const policy::SendConnector& existing,
                                      const WithoutEffect& without_effect);

} // namespace sendconnector::conf::exchange
