/* Time (7.2). */
#include "ta/rt/rt.h"

static TEE_Result time_get(enum ta_clock clock, TEE_Time *time)
{
	struct ta_time now = { 0 };

	rt_writable(time, sizeof(*time));
	TEE_Result result = RT_CALL(TA_CALL_GET_TIME, (uint64_t)clock, rt_at(&now));
	*time = (TEE_Time){ now.seconds, now.milliseconds };
	return result;
}

void TEE_GetSystemTime(TEE_Time *time)
{
	(void)RT_ALLOW(time_get(TA_CLOCK_SYSTEM, time), 0);
}

void TEE_GetREETime(TEE_Time *time)
{
	(void)RT_ALLOW(time_get(TA_CLOCK_REE, time), 0);
}

TEE_Result TEE_GetTAPersistentTime(TEE_Time *time)
{
	return RT_ALLOW(time_get(TA_CLOCK_PERSISTENT, time), TEE_ERROR_TIME_NOT_SET, TEE_ERROR_TIME_NEEDS_RESET, TEE_ERROR_OVERFLOW,
			TEE_ERROR_OUT_OF_MEMORY);
}

TEE_Result TEE_SetTAPersistentTime(const TEE_Time *time)
{
	struct ta_time now;

	rt_readable(time, sizeof(*time));
	now = (struct ta_time){ time->seconds, time->millis };
	return RT_ALLOW(RT_CALL(TA_CALL_SET_TIME, rt_at(&now)), TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE);
}

TEE_Result TEE_Wait(uint32_t timeout)
{
	return RT_ALLOW(RT_CALL(TA_CALL_WAIT, timeout), TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL);
}
