// libxml2's encoding header pulls in the system ICU, which collides with
// Foundation's own ICU module as soon as both are imported. Undefine the
// switch after the version header has set it and before anything uses it.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/xmlwriter.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
