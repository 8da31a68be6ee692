// SPDX-License-Identifier: Apache-2.0
// service_options(): the smtp(8) parameters of one connector's service, in the order in which they are
// written.
#pragma once

#include "conf/postfix/service.hpp"

namespace sendconnector::conf::postfix {

Result<Options> service_options(const policy::SendConnector& connector, bool has_credential,
                                const RenderContext& context);

} // namespace sendconnector::conf::postfix
